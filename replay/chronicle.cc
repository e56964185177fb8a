#include "replay/chronicle.h"

#include <algorithm>
#include <utility>

#include "core/describe.h"
#include "core/overloaded.h"
#include "core/turn.h"
#include "replay/partition_frames.h"
#include "replay/words.h"

namespace raycord {
namespace {

constexpr int kHealthyStatus = 200;

// The line of a story is about one namespace and one service: what is known is not said again.
std::string without(std::string text, const std::string& prefix) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at + 1, prefix.size() - 1);
  }
  return text;
}

bool is_housekeeping(Rule rule) {
  constexpr Rule kHousekeeping[] = {Rule::WriteServiceStatus, Rule::WriteClusterStatus,
                                    Rule::RememberOnService,  Rule::RememberAcceptedConfig,
                                    Rule::AddFinalizer,       Rule::LabelHead,
                                    Rule::CreateAccess,       Rule::CreateTokenSecret,
                                    Rule::AddRedisFinalizer,  Rule::StampHead};
  return std::find(std::begin(kHousekeeping), std::end(kHousekeeping), rule) !=
         std::end(kHousekeeping);
}

std::string apps_text(const ServeAnswer& answer) {
  std::string text;
  for (const AppAnswer& app : answer.apps) {
    text += (text.empty() ? "" : ", ") + app.name + " " + app.status;
  }
  return text.empty() ? "no apps" : text;
}

bool is_ill(const ServeAnswer& answer) {
  return std::any_of(answer.apps.begin(), answer.apps.end(), [](const AppAnswer& app) {
    return app.status == "UNHEALTHY" || app.status == "DEPLOY_FAILED";
  });
}

bool all_running(const ServeAnswer& answer) {
  return !answer.apps.empty() &&
         std::all_of(answer.apps.begin(), answer.apps.end(),
                     [](const AppAnswer& app) { return app.status == "RUNNING"; });
}

// What matters to a reader of a story; the whole effect is in the wide form.
std::string short_effect(const Effect& effect) {
  if (const auto* create = std::get_if<CreateCluster>(&effect)) {
    std::string text = "create " + create->name;
    if (create->attempt > 1) text += ", attempt " + std::to_string(create->attempt);
    return text;
  }
  if (const auto* pod = std::get_if<CreatePod>(&effect)) {
    const std::string of = pod->node_type == NodeType::Head ? "for " : "in " + pod->group + " of ";
    return of + pod->cluster.object.name;
  }
  if (const auto* create = std::get_if<CreateService>(&effect)) {
    return create->name + " → " + create->selects;
  }
  if (const auto* change = std::get_if<SwitchService>(&effect)) {
    return change->name + " → " + change->selects;
  }
  if (const auto* config = std::get_if<PutServeConfig>(&effect)) {
    std::string text = brief(config->config) + " to " + config->cluster;
    if (config->capacity) text += " at " + std::to_string(*config->capacity) + " %";
    return text;
  }
  if (const auto* routing = std::get_if<WriteRouting>(&effect)) {
    std::string text = routing->name;
    const char* between = ": ";
    for (const RouteBackend& to : routing->backends) {
      text += between + std::to_string(to.weight) + " % to " + to.service;
      between = ", ";
    }
    return text;
  }
  const auto* memory = std::get_if<RememberOnCluster>(&effect);
  if (memory != nullptr && memory->delete_after) {
    return memory->name + " may go at " + clock_text(*memory->delete_after);
  }
  return describe(effect);
}

Hash revision_of_spec(const RayServiceSlice& slice) {
  return slice.cluster_hashes.empty() ? Hash{} : slice.cluster_hashes.back();
}

// What an edit of a RayService changed; empty: nothing that we read.
std::string edits(const RayServiceSlice& before, const RayServiceSlice& after) {
  std::string text;
  const auto say = [&](const std::string& change) { text += (text.empty() ? "" : ", ") + change; };
  if (revision_of_spec(before) != revision_of_spec(after)) {
    say("cluster spec " + brief(revision_of_spec(before)) + " → " + brief(revision_of_spec(after)));
  }
  if (before.serve_config.hash != after.serve_config.hash) {
    say("Serve config " + brief(before.serve_config.hash) + " → " + brief(after.serve_config.hash));
  }
  if (!after.serve_config.error.empty() && before.serve_config.error != after.serve_config.error) {
    say("Serve config unreadable: " + after.serve_config.error);
  }
  if (before.muted_hash != after.muted_hash) say("replicas and the like, which starts no upgrade");
  if (before.suspended != after.suspended) say(after.suspended ? "suspended" : "resumed");
  if (before.failover != after.failover) {
    say(std::string("failover ") + name_of(after.failover));
  }
  if (before.upgrade != after.upgrade) say(std::string("upgrades ") + name_of(after.upgrade));
  if (!before.end_drain && after.end_drain) say("the drain is to end");
  if (before.managed_elsewhere != after.managed_elsewhere) {
    say(after.managed_elsewhere ? "managed by another controller" : "managed by us");
  }
  if (text.empty() && before.meta.generation != after.meta.generation) say("nothing that counts");
  return text;
}

}  // namespace

Chronicle::Chronicle(PartitionName partition, bool everything)
    : partition_(std::move(partition)), everything_(everything) {}

void Chronicle::add(Seq seq, Time at, Mood mood, std::string text) {
  ChronicleLine line;
  line.seq = seq;
  line.at = at;
  if (!partition_.name.empty()) line.partition = partition_;
  line.text = without(std::move(text), " " + partition_.ns + "/");
  line.short_text = shortened(line.text);
  line.mood = mood;
  lines_.push_back(std::move(line));
}

std::string Chronicle::shortened(const std::string& text) const {
  std::string result = without(" " + text, " " + partition_.ns + "/");
  if (partition_.root == Kind::RayService) {
    result = without(std::move(result), " " + partition_.name + "-");
  }
  return result.substr(1);
}

void Chronicle::take(const Frame& frame) {
  const Frame own = frame_of_partition(frame, partition_);
  for (std::size_t i = 0; i < own.facts.size(); ++i) {
    const PlacedFact& placed = own.facts[i];
    if (!placed.partition) continue;
    const Seq seq = own.fact_seq(i);
    if (const auto* seen = std::get_if<ObjectSeen>(&placed.fact)) tell(seq, own.at, *seen);
    if (const auto* gone = std::get_if<ObjectGone>(&placed.fact)) tell(seq, own.at, *gone);
    if (const auto* run = std::get_if<ProbeRun>(&placed.fact)) tell(seq, own.at, *run);
    if (const auto* done = std::get_if<WriteDone>(&placed.fact)) tell(seq, own.at, *done);
    if (std::holds_alternative<Quarantined>(placed.fact) ||
        std::holds_alternative<Unreadable>(placed.fact)) {
      add(seq, own.at, Mood::Bad, describe(placed.fact));
    }
  }
  fold_frame(state_, own);
  tell_traffic(own.fact_seq(own.facts.empty() ? 0 : own.facts.size() - 1), own.at);
  tell_decisions(own);
}

void Chronicle::take_fleet(const Frame& frame) {
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    if (frame.facts[i].partition) continue;
    const Fact& fact = frame.facts[i].fact;
    const Seq seq = frame.fact_seq(i);
    const auto tell = [&](Mood mood, std::string text) {
      add(seq, frame.at, mood, std::move(text));
    };
    std::visit(
        Overloaded{
            [&](const Started& f) { tell(Mood::Aside, "operator started, build " + f.build); },
            [&](const Gap& f) {
              tell(Mood::Aside, "nothing observed for " + duration_text(f.to - f.from) + " (" +
                                    name_of(f.cause) + ")");
            },
            [&](const LeadershipGained&) { tell(Mood::Aside, describe(fact)); },
            [&](const LeadershipLost&) { tell(Mood::Bad, describe(fact)); },
            [](const ObjectSeen&) {},
            [](const ObjectGone&) {},
            [](const KindListed&) {},
            [](const KindCaughtUp&) {},
            [&](const LeftScope&) { tell(Mood::Bad, describe(fact)); },
            [&](const WorldRestored&) { tell(Mood::Bad, describe(fact)); },
            [](const ProbeRun&) {},
            [](const DeadlineFired&) {},
            [](const WriteDone&) {},
            [&](const Unreadable&) { tell(Mood::Bad, describe(fact)); },
            [&](const Quarantined&) { tell(Mood::Bad, describe(fact)); },
            [&](const FleetHoldChanged& f) {
              tell(f.held ? Mood::Bad : Mood::Good, describe(fact));
            },
        },
        fact);
  }
}

std::vector<ChronicleLine> Chronicle::take_lines() {
  for (Pending& pending : pending_) {
    if (pending.taken) continue;
    pending.taken = true;
    ChronicleLine& line = lines_[pending.line];
    if (pending.done + pending.open > 1 && pending.open > 0 && pending.done > 0) {
      line.outcome =
          std::to_string(pending.done) + " done, " + std::to_string(pending.open) + " open";
    }
  }
  std::vector<ChronicleLine> lines = std::move(lines_);
  lines_.clear();
  return lines;
}

// --- Objects ------------------------------------------------------------------------------------

void Chronicle::tell(Seq seq, Time at, const ObjectSeen& fact) {
  if (const auto* service = std::get_if<RayServiceSlice>(&fact.object)) {
    tell_service(seq, at, *service);
  } else if (const auto* cluster = std::get_if<RayClusterSlice>(&fact.object)) {
    tell_cluster(seq, at, *cluster);
  } else if (const auto* pod = std::get_if<PodSlice>(&fact.object)) {
    tell_pod(seq, at, *pod);
  }
}

void Chronicle::tell_service(Seq seq, Time at, const RayServiceSlice& slice) {
  if (!service_ || service_->meta.uid != slice.meta.uid) {
    add(seq, at, Mood::Plain, "RayService first seen: " + describe(Object(slice)));
  } else {
    const std::string changes = edits(*service_, slice);
    if (!changes.empty()) add(seq, at, Mood::Plain, "RayService edited: " + changes);
    if (slice.meta.deleting_since && !service_->meta.deleting_since) {
      add(seq, at, Mood::Plain, "RayService is to be deleted");
    }
  }
  const Invalid before = service_ ? service_->invalid : Invalid{};
  if (slice.invalid != before) {
    if (slice.invalid.reason.empty()) {
      add(seq, at, Mood::Good, "RayService is valid again");
    } else if (service_) {
      add(seq, at, Mood::Bad, "RayService is invalid: " + slice.invalid.message);
    }
  }
  service_ = slice;
}

void Chronicle::tell_cluster(Seq seq, Time at, const RayClusterSlice& slice) {
  const auto [found, is_new] = clusters_.try_emplace(slice.meta.name);
  if (!is_new) return;
  found->second.created_at = at;
  found->second.purpose = slice.purpose;
  // What we made ourselves was told as a decision.
  if (!slice.meta.intent.empty()) return;
  add(seq, at, Mood::Plain,
      "RayCluster " + slice.meta.name + " first seen: " + describe(Object(slice)));
}

void Chronicle::tell_pod(Seq seq, Time at, const PodSlice& slice) {
  if (slice.phase == PodPhase::Failed || slice.ray_terminated) {
    if (!std::exchange(failed_pods_[slice.meta.name], true)) {
      const std::string why = slice.ready_reason.empty() ? "" : ": " + slice.ready_reason;
      add(seq, at, Mood::Bad, "Pod " + slice.meta.name + " failed" + why);
    }
  }
  if (slice.node_type != NodeType::Head) return;
  ClusterView& view = clusters_[slice.cluster];
  if (view.gone) return;  // It goes with its cluster.
  const bool same = view.head_uid == slice.meta.uid;
  if (slice.ready && !(same && view.head_ready)) {
    add(seq, at, Mood::Plain, "head of " + slice.cluster + " is Ready");
  } else if (!slice.ready && same && view.head_ready && !slice.meta.deleting_since) {
    const std::string why = slice.ready_reason.empty() ? "" : ": " + slice.ready_reason;
    add(seq, at, Mood::Bad, "head of " + slice.cluster + " is not Ready" + why);
  }
  view.head = slice.meta.name;
  view.head_uid = slice.meta.uid;
  view.head_ready = slice.ready;
}

void Chronicle::tell(Seq seq, Time at, const ObjectGone& fact) {
  if (fact.name.kind == Kind::RayService) {
    add(seq, at, Mood::Plain, "RayService is gone");
    service_.reset();
  } else if (fact.name.kind == Kind::RayCluster) {
    // Our own delete's answer and the watch both say so.
    const bool known = std::exchange(clusters_[fact.name.name].gone, true);
    if (!known) add(seq, at, Mood::Plain, "RayCluster " + fact.name.name + " is gone");
  } else if (fact.name.kind == Kind::Pod) {
    failed_pods_.erase(fact.name.name);
    for (auto& [name, view] : clusters_) {
      if (view.head != fact.name.name || view.gone) continue;
      add(seq, at, view.head_ready ? Mood::Bad : Mood::Plain, "head of " + name + " is gone");
      view.head_ready = false;
      view.head.clear();
    }
  }
}

// --- Probes -------------------------------------------------------------------------------------

void Chronicle::tell(Seq seq, Time at, const ProbeRun& run) {
  if (run.continued) return;
  ClusterView& view = clusters_[run.cluster];
  if (view.gone) return;
  if (run.target == ProbeTarget::Proxy) {
    const bool healthy =
        run.answer.trouble == ProbeTrouble::None && run.answer.status == kHealthyStatus;
    // It is not healthy until the first deployment; that is no ill health.
    if (view.proxy_healthy && *view.proxy_healthy != healthy) {
      add(seq, at, healthy ? Mood::Good : Mood::Bad,
          "Serve proxy of " + run.cluster +
              (healthy ? " is healthy again"
                       : std::string(" is not healthy: ") + name_of(run.answer.trouble)));
    }
    if (healthy || view.proxy_healthy) view.proxy_healthy = healthy;
    return;
  }
  if (run.answer.trouble != ProbeTrouble::None) return tell_silence(seq, at, run, view);
  const std::string answer = apps_text(run.answer.serve);
  const bool was_silent = view.silent_since != Time{};
  if (!was_silent && answer == view.answer) return;
  std::string text = "dashboard of " + run.cluster + ": " + answer;
  if (was_silent) {
    text = "dashboard of " + run.cluster + " answers after " +
           duration_text(run.first - view.silent_since) + ": " + answer;
  }
  const Mood mood = is_ill(run.answer.serve)        ? Mood::Bad
                    : all_running(run.answer.serve) ? Mood::Good
                                                    : Mood::Plain;
  add(seq, at, mood, std::move(text));
  view.answer = answer;
  view.silent_since = Time{};
}

void Chronicle::tell_silence(Seq seq, Time at, const ProbeRun& run, ClusterView& view) {
  // A dashboard that has not answered yet is about to start; that is no ill health.
  const bool has_answered = !view.answer.empty();
  if (view.silent_since != Time{} || (!has_answered && !everything_)) return;
  view.silent_since = run.first;
  std::string text = "dashboard of " + run.cluster + " does not answer: ";
  text += name_of(run.answer.trouble);
  if (run.answer.status != 0) text += " " + std::to_string(run.answer.status);
  add(seq, at, Mood::Bad, std::move(text));
}

// --- Decisions ----------------------------------------------------------------------------------

void Chronicle::tell_traffic(Seq seq, Time at) {
  const auto found = state_.partitions.find(partition_);
  if (found == state_.partitions.end()) return;
  const std::string& active = found->second.memory.active;
  if (active == active_) return;
  if (!active.empty()) {
    std::string text = "traffic goes to " + active;
    const auto view = clusters_.find(active);
    if (view != clusters_.end() && !active_.empty() && view->second.purpose != Purpose::Unknown) {
      text += std::string(": ") + name_of(view->second.purpose) + " took " +
              duration_text(at - view->second.created_at);
    }
    add(seq, at, Mood::Good, std::move(text));
  }
  active_ = active;
}

bool Chronicle::is_told(const Decision& decision) const {
  return everything_ || !is_housekeeping(decision.rule);
}

// Equal rules of one frame (a hundred pods) are one line.
void Chronicle::tell_decisions(const Frame& frame) {
  std::map<Rule, std::vector<const Decision*>> by_rule;
  for (const Decision& decision : frame.decisions) {
    if (is_told(decision)) by_rule[decision.rule].push_back(&decision);
  }
  for (const Decision& decision : frame.decisions) {
    const auto found = by_rule.find(decision.rule);
    if (found == by_rule.end() || found->second.front() != &decision) continue;
    const std::size_t count = found->second.size();
    const std::string rule = name_of(decision.rule);
    const std::string more = count > 1 ? ", and " + std::to_string(count - 1) + " more" : "";
    add(decision.seq, frame.at, Mood::Action, rule + ": " + describe(decision.effect) + more);
    lines_.back().rule = rule;
    lines_.back().short_text = rule + ": " + shortened(short_effect(decision.effect)) + more;
    for (const Decision* each : found->second) open_[each->seq] = pending_.size();
    pending_.push_back({lines_.size() - 1, false, count, 0, frame.at, lines_.back().text, ""});
  }
}

void Chronicle::tell(Seq seq, Time at, const WriteDone& fact) {
  const auto found = open_.find(fact.decided);
  if (found == open_.end()) return;
  Pending& pending = pending_[found->second];
  open_.erase(found);
  --pending.open;
  ++pending.done;
  std::string text;
  Mood mood = Mood::Plain;
  const bool withdrawn = fact.result == WriteResult::Withdrawn;
  if (fact.result != WriteResult::Done) {
    text = name_of(fact.result);
    if (fact.status != 0 && !withdrawn) text += " " + std::to_string(fact.status);
    if (!fact.message.empty()) text += ": " + fact.message;
    mood = withdrawn ? Mood::Aside : Mood::Bad;
    pending.trouble = text;
  }
  if (!pending.taken) {
    ChronicleLine& line = lines_[pending.line];
    if (!pending.trouble.empty()) {
      line.outcome = pending.trouble;
      line.mood = withdrawn ? Mood::Aside : Mood::Bad;
    } else if (pending.open == 0) {
      line.outcome = "done in " + duration_text(at - pending.at);
    }
    return;
  }
  if (!text.empty()) add(seq, at, mood, pending.text + ": " + text);
}

}  // namespace raycord

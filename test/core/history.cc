#include "test/core/history.h"

#include <algorithm>
#include <utility>

#include "core/apply.h"
#include "core/check.h"
#include "core/route.h"

namespace raycord {
namespace {

constexpr int kTurnsMax = 200;  // Rules that never come to rest fail a test instead of hanging it.

constexpr Kind kAllKinds[] = {Kind::RayService, Kind::RayCluster,    Kind::Pod,
                              Kind::Service,    Kind::EndpointSlice, Kind::ServiceAccount,
                              Kind::Role,       Kind::RoleBinding,   Kind::Job,
                              Kind::Ingress,    Kind::Gateway,       Kind::HTTPRoute};

Meta& meta_in(Object& object) {
  return std::visit([](auto& slice) -> Meta& { return slice.meta; }, object);
}

template <class T>
const T& existing(const T* found) {
  CHECK(found != nullptr);
  return *found;
}

template <class Slice>
const Slice* find_in(const State& state, const std::string& name,
                     std::map<std::string, Known<Slice>> Cluster::*objects) {
  for (const auto& [root, part] : state.partitions) {
    for (const auto& [cluster_name, cluster] : part.clusters) {
      const auto found = (cluster.*objects).find(name);
      if (found != (cluster.*objects).end()) return &found->second.value;
    }
  }
  return nullptr;
}

}  // namespace

// --- Runs, facts and time -----------------------------------------------------------------------

History::History(const Options& options) : options_(options), now_(kHistoryStart) {
  close_frame();
  begin_run();
}

void History::begin_run() {
  Started started;
  started.build = "test";
  started.log_id = "abcde";
  started.cluster_uid = "uid-kube-system";
  for (const Rule rule : all_rules()) {
    started.revisions.push_back({static_cast<std::uint16_t>(rule), revision_of(rule)});
  }
  started.options = options_;
  add(started);
  add(LeadershipGained{state_.fleet.epoch + 1});
  for (const Kind kind : kAllKinds) add(KindListed{kind, version_, state_.last});
}

void History::restart(Millis away) {
  const Time stopped = now_;
  now_ += away;
  add(Gap{stopped, now_, GapCause::Restart});
  begin_run();
}

// Facts of another time stand in another frame, as in a log.
Seq History::fold(const Fact& fact, const std::optional<PartitionName>& home) {
  if (frame_.at != now_) close_frame();
  frame_.facts.push_back({home, fact});
  const Seq seq{state_.last.value + 1};
  apply(state_, Event{seq, now_, fact}, home);
  return seq;
}

Seq History::add(const Fact& fact) {
  const Seq seq = fold(fact, partition_of(state_.fleet, fact));
  for (const Fact& parked : facts_to_rehome(state_.fleet)) {
    fold(parked, partition_of(state_.fleet, parked));
  }
  return seq;
}

Seq History::see(Object object) {
  Meta& meta = meta_in(object);
  if (meta.version == 0) meta.version = ++version_;
  if (meta.uid.empty()) meta.uid = "uid-" + meta.name;
  return add(ObjectSeen{std::move(object)});
}

Seq History::gone(const ObjectName& name, GoneHow how) {
  return add(ObjectGone{name, "", ++version_, how});
}

Seq History::answer(const Decision& decision, WriteResult result, const std::string& message) {
  WriteDone done;
  done.decided = decision.seq;
  done.result = result;
  done.message = message;
  done.version = result == WriteResult::Done ? ++version_ : 0;
  return add(done);
}

void History::wait(Millis duration) { now_ += duration; }

// --- Probes -------------------------------------------------------------------------------------

void History::probe(const std::string& cluster, ProbeTarget target, const ProbeAnswer& answer,
                    Millis length) {
  const std::string head = head_of(cluster);
  ProbeRun run;
  run.ns = "default";
  run.cluster = cluster;
  run.head_uid = head.empty() ? "" : pod(head).meta.uid;
  run.head_restarts = head.empty() ? 0 : pod(head).ray_restarts;
  run.target = target;
  run.answer = answer;
  const Time end = now_ + length;
  while (true) {
    run.first = now_;
    run.last = std::min(now_ + kRunFlushIll - kProbePeriod, end);
    run.count = static_cast<std::uint32_t>((run.last - run.first) / kProbePeriod) + 1;
    now_ = run.last;
    add(run);
    if (now_ >= end) return;
    now_ += kProbePeriod;
    run.continued = true;
    run.answer = {};
  }
}

void History::hear(const std::string& cluster, const ServeAnswer& serve, Millis length) {
  ProbeAnswer answer;
  answer.status = 200;
  answer.serve = serve;
  probe(cluster, ProbeTarget::Dashboard, answer, length);
}

void History::hear_silence(const std::string& cluster, ProbeTrouble trouble, Millis length) {
  ProbeAnswer answer;
  answer.trouble = trouble;
  probe(cluster, ProbeTarget::Dashboard, answer, length);
}

void History::hear_proxy(const std::string& cluster, bool healthy) {
  ProbeAnswer answer;
  answer.trouble = healthy ? ProbeTrouble::None : ProbeTrouble::BadStatus;
  answer.status = healthy ? 200 : 503;
  probe(cluster, ProbeTarget::Proxy, answer, Millis(0));
}

// --- Edits --------------------------------------------------------------------------------------

Seq History::edit_service(const std::string& name,
                          const std::function<void(RayServiceSlice&)>& edit) {
  RayServiceSlice slice = service(name).service.value().value;
  edit(slice);
  slice.meta.version = ++version_;
  return see(slice);
}

Seq History::edit_cluster(const std::string& name,
                          const std::function<void(RayClusterSlice&)>& edit) {
  RayClusterSlice slice = cluster(name).object.value().value;
  edit(slice);
  slice.meta.version = ++version_;
  return see(slice);
}

Seq History::respec_cluster(const std::string& name,
                            const std::function<void(RayClusterSlice&)>& edit) {
  return edit_cluster(name, [&](RayClusterSlice& slice) {
    edit(slice);
    ++slice.meta.generation;
  });
}

Seq History::edit_pod(const std::string& name, const std::function<void(PodSlice&)>& edit) {
  PodSlice slice = pod(name);
  edit(slice);
  slice.meta.version = ++version_;
  return see(slice);
}

Seq History::edit_job(const std::string& name, const std::function<void(JobSlice&)>& edit) {
  JobSlice slice = existing(find_in(state_, name, &Cluster::jobs));
  edit(slice);
  slice.meta.version = ++version_;
  return see(slice);
}

Seq History::edit_ingress(const std::string& name, const std::function<void(IngressSlice&)>& edit) {
  IngressSlice slice = existing(find_in(state_, name, &Cluster::ingresses));
  edit(slice);
  slice.meta.version = ++version_;
  return see(slice);
}

void History::start_pods(const std::string& name) {
  for (const std::string& pod_name : pods_of(name)) {
    const PodSlice& believed = pod(pod_name);
    if (believed.ready || believed.phase == PodPhase::Failed) continue;
    edit_pod(pod_name, [&](PodSlice& slice) {
      slice.phase = PodPhase::Running;
      slice.has_ready_condition = true;
      slice.ready = true;
      slice.ready_reason.clear();
      slice.ready_message.clear();
      slice.ip = "10.0.1." + std::to_string(++made_ % 250 + 1);
      slice.node = "node-1";
      slice.ray_started = now_;
    });
  }
}

void History::fill_endpoints() {
  std::vector<EndpointsSlice> slices;
  for (const auto& [root, part] : state_.partitions) {
    for (const auto& [name, known] : part.services) slices.push_back(endpoints_of(part, known));
    for (const auto& [cluster_name, cluster] : part.clusters) {
      for (const auto& [name, known] : cluster.services) {
        if (known.value.selects_serve) slices.push_back(endpoints_of(part, known));
      }
    }
  }
  for (EndpointsSlice& slice : slices) see(std::move(slice));
}

EndpointsSlice History::endpoints_of(const Partition& part, const Known<ServiceSlice>& service) {
  EndpointsSlice slice;
  slice.meta = meta_named(service.value.meta.name + "-1");
  slice.service = service.value.meta.name;
  const Cluster* selected = find_cluster(part, service.value.selected_cluster);
  if (selected == nullptr) return slice;
  for (const auto& [pod_name, pod] : selected->pods) {
    const bool matches = service.value.selects_serve ? pod.value.serve_label == "true"
                                                     : pod.value.node_type == NodeType::Head;
    if (!matches || !pod.value.ready || pod.value.meta.deleting_since) continue;
    slice.ready_uids.push_back(pod.value.meta.uid);
  }
  std::sort(slice.ready_uids.begin(), slice.ready_uids.end());
  return slice;
}

// --- Turns --------------------------------------------------------------------------------------

void History::close_frame() {
  frame_.epoch = state_.fleet.epoch;
  if (frame_.count() > 0) frames_.push_back(std::exchange(frame_, {}));
  frame_.first = {state_.last.value + 1};
  frame_.at = now_;
}

std::vector<Decision> History::turn() {
  if (frame_.facts.empty() || frame_.at != now_) add(DeadlineFired{});
  wakes_.clear();
  for (const auto& [name, part] : state_.partitions) {
    Decided decided = decide({part, state_.fleet, now_});
    if (decided.wake) wakes_[name] = *decided.wake;
    for (Decision& decision : decided.decisions) frame_.decisions.push_back(std::move(decision));
  }
  for (Decision& decision : frame_.decisions) {
    decision.seq = {state_.last.value + 1};
    apply(state_, decision, now_);
  }
  close_frame();
  return frames_.back().decisions;
}

std::vector<Decision> History::settle() {
  std::vector<Decision> all;
  for (int turns = 0;; ++turns) {
    CHECK(turns < kTurnsMax);
    const std::vector<Decision> decided = turn();
    if (decided.empty()) return all;
    for (const Decision& decision : decided) {
      carry_out(decision);
      all.push_back(decision);
    }
  }
}

std::vector<Decision> History::settle_for(Millis duration) {
  const Time end = now_ + duration;
  std::vector<Decision> all = settle();
  for (int turns = 0; now_ < end; ++turns) {
    CHECK(turns < kTurnsMax);
    const std::optional<Time> wake = next_wake();
    now_ = wake && *wake > now_ ? std::min(*wake, end) : end;
    for (Decision& decision : settle()) all.push_back(std::move(decision));
  }
  return all;
}

std::optional<Time> History::next_wake() const {
  std::optional<Time> next;
  for (const auto& [name, wake] : wakes_) {
    if (!next || wake < *next) next = wake;
  }
  return next;
}

// --- What is believed ---------------------------------------------------------------------------

const Partition& History::partition(Kind root, const std::string& name) const {
  const auto found = state_.partitions.find({root, "default", name});
  CHECK(found != state_.partitions.end());
  return found->second;
}

const Partition& History::service(const std::string& name) const {
  return partition(Kind::RayService, name);
}

const Cluster& History::cluster(const std::string& name) const {
  const Cluster* found = nullptr;
  for (const auto& [root, part] : state_.partitions) {
    if (found == nullptr) found = find_cluster(part, name);
  }
  return existing(found);
}

const PodSlice& History::pod(const std::string& name) const {
  return existing(find_in(state_, name, &Cluster::pods));
}

bool History::has_cluster(const std::string& name) const {
  for (const auto& [root, part] : state_.partitions) {
    const Cluster* found = find_cluster(part, name);
    if (found != nullptr && found->object) return true;
  }
  return false;
}

std::vector<std::string> History::pods_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& [pod_name, pod] : cluster(name).pods) {
    if (!pod.value.meta.deleting_since) names.push_back(pod_name);
  }
  return names;
}

std::string History::head_of(const std::string& name) const {
  for (const auto& [pod_name, pod] : cluster(name).pods) {
    const bool head = pod.value.node_type == NodeType::Head;
    if (head && !pod.value.meta.deleting_since) return pod_name;
  }
  return "";
}

std::vector<std::string> History::clusters_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& [cluster_name, cluster] : service(name).clusters) {
    if (cluster.object) names.push_back(cluster_name);
  }
  return names;
}

// --- What was decided ---------------------------------------------------------------------------

std::vector<std::string> rules_of(const std::vector<Decision>& decisions) {
  std::vector<std::string> rules;
  for (const Decision& decision : decisions) rules.push_back(name_of(decision.rule));
  return rules;
}

std::vector<Decision> of_rule(const std::vector<Decision>& decisions, Rule rule) {
  std::vector<Decision> found;
  for (const Decision& decision : decisions) {
    if (decision.rule == rule) found.push_back(decision);
  }
  return found;
}

std::size_t count_of(const std::vector<Decision>& decisions, Rule rule) {
  return of_rule(decisions, rule).size();
}

}  // namespace raycord

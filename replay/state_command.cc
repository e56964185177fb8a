#include "replay/state_command.h"

#include "core/describe.h"
#include "core/roles.h"
#include "core/turn.h"
#include "replay/json.h"
#include "replay/partition_frames.h"
#include "replay/progress.h"
#include "replay/table.h"
#include "replay/words.h"
#include "replay/yaml.h"

namespace raycord {
namespace {

Result<State> fold_until(const Session& session, const LogSource& log,
                         const PartitionName& partition, Seq until) {
  State state;
  Progress progress(session, "folding", "events", until.value);
  auto visited = log.visit(log.first(), [&](const Frame& frame) {
    if (frame.first > until) return false;
    fold_frame(state, frame_of_partition(frame_until(frame, until), partition));
    progress.at(frame.first.value);
    return !session.interrupted();
  });
  if (!visited) return fail(visited.error());
  return state;
}

const char* role_of(const Roles& roles, const Cluster& cluster) {
  if (&cluster == roles.active) return "active";
  if (&cluster == roles.pending) return "pending";
  if (!cluster.object) return "gone, its pods remain";
  return "leaving";
}

// A tree of lines: "key   value   #event".
class StateWriter {
 public:
  StateWriter(const Session& session, const LogSource& log, const State& state,
              const Partition& partition)
      : session_(session), log_(log), state_(state), partition_(partition) {}

  void write(Seq at) {
    line(0, to_text(name_of(partition_)) + " after " + log_.event_text(at) + ", " +
                to_rfc3339_millis(state_.now));
    if (!partition_.quarantine.empty()) {
      line(1, "quarantined: " + partition_.quarantine, partition_.quarantined, Style::Bad);
    }
    if (!state_.fleet.leading) line(1, "this operator does not lead", {}, Style::Warning);
    if (state_.fleet.held) {
      line(1, "failovers are held: " + state_.fleet.held_why, state_.fleet.held_since,
           Style::Warning);
    }
    if (partition_.service) write_service(*partition_.service);
    const Roles roles = roles_of(partition_);
    if (roles.creating) line(1, "a RayCluster is being created");
    for (const auto& [name, cluster] : partition_.clusters) write_cluster(roles, name, cluster);
    write_services();
    write_writes();
  }

 private:
  void line(std::size_t depth, const std::string& text, Seq since = {},
            Style style = Style::Plain) {
    std::string whole = std::string(2 * depth, ' ') + text;
    const std::string event = since ? "  (" + log_.event_text(since) + ")" : "";
    const std::size_t width = session_.terminal.line_width();
    if (width > event.size()) whole = cut_to(whole, width - event.size());
    session_.out << styled(whole, style, session_.terminal.colors)
                 << styled(event, Style::Faint, session_.terminal.colors) << "\n";
  }

  void write_service(const Known<RayServiceSlice>& service) {
    line(1, "RayService: " + describe(Object(service.value)), service.since);
    const ServiceMemory& memory = partition_.memory;
    if (memory.attempts > 0) {
      line(2,
           "failed attempts " + std::to_string(memory.attempts) + ", next not before " +
               to_rfc3339(memory.back_off_until),
           memory.attempts_since, Style::Warning);
    }
    for (const Condition& condition : partition_.status.value.conditions) {
      line(2, condition.type + "=" + condition.status + " " + condition.reason +
                  (condition.message.empty() ? "" : ": " + condition.message));
    }
  }

  void write_cluster(const Roles& roles, const std::string& name, const Cluster& cluster) {
    const bool of_service = partition_.root == Kind::RayService;
    line(1, "RayCluster " + name + (of_service ? std::string(": ") + role_of(roles, cluster) : ""),
         {}, Style::Action);
    if (cluster.object) line(2, describe(Object(cluster.object->value)), cluster.object->since);
    if (cluster.delete_decided) line(2, "its deletion is decided", cluster.delete_decided);
    for (const auto& [pod_name, pod] : cluster.pods) {
      line(2, "Pod " + pod_name + ": " + describe(Object(pod.value)), pod.since,
           pod.value.ready ? Style::Plain : Style::Warning);
    }
    for (const auto& [service_name, service] : cluster.services) {
      line(2, "Service " + service_name + ": " + describe(Object(service.value)), service.since);
    }
    write_config(cluster.config);
    write_health(cluster);
  }

  void write_config(const ConfigRecord& config) {
    if (config.asked) {
      line(2, "Serve config asked " + brief(config.asked) + " at " + clock_text(config.asked_at),
           config.asked_by);
    }
    if (config.accepted) {
      line(2, "Serve config accepted " + brief(config.accepted), config.accepted_by);
    }
    if (config.ran) line(2, "Serve config ran " + brief(config.ran), config.ran_since);
    if (config.refused) {
      line(2, "Serve config refused " + brief(config.refused) + ": " + config.refusal,
           config.refused_by, Style::Bad);
    }
    if (config.in_doubt)
      line(2, "whether the Serve config arrived is in doubt", {}, Style::Warning);
  }

  void write_health(const Cluster& cluster) {
    const Dashboard& dashboard = cluster.dashboard;
    if (dashboard.serve.since) {
      line(
          2,
          "dashboard: " + describe(dashboard.serve.value) + " at " + clock_text(dashboard.serve_at),
          dashboard.serve.since);
    } else {
      line(2, "dashboard: has not answered", dashboard.latest.since);
    }
    write_clock("dashboard silent", dashboard.silent);
    for (const auto& [app, clock] : dashboard.ill_apps) write_clock("app " + app + " ill", clock);
    if (cluster.proxy.since) {
      line(2,
           std::string("Serve proxy of the head: ") +
               (cluster.proxy.healthy ? "healthy" : "not healthy"),
           cluster.proxy.since, cluster.proxy.healthy ? Style::Plain : Style::Warning);
    }
    if (cluster.head_unready_since != Time{}) {
      line(2, "head not ready since " + clock_text(cluster.head_unready_since),
           cluster.head_unready, Style::Warning);
    }
  }

  void write_clock(const std::string& what, const IllClock& clock) {
    if (!clock.first) return;
    line(2,
         what + " since " + clock_text(clock.since) + ": " + duration_text(clock.counted) +
             " observed" + (clock.paused ? ", paused by a gap" : ""),
         clock.first, Style::Bad);
  }

  void write_services() {
    for (const auto& [name, service] : partition_.services) {
      line(1, "Service " + name + ": " + describe(Object(service.value)), service.since);
    }
    for (const auto& [name, slice] : partition_.endpoint_slices) {
      line(1, "EndpointSlice " + name + ": " + describe(Object(slice.value)), slice.since);
    }
  }

  void write_writes() {
    for (const auto& [target, write] : partition_.in_flight) {
      line(1,
           "under way: " + target + " by " + name_of(write.rule) + " since " +
               clock_text(write.at) + (write.doubt ? ", its outcome in doubt" : ""),
           write.decided, write.doubt ? Style::Warning : Style::Plain);
    }
    for (const auto& [key, retry] : partition_.retries) {
      line(1,
           "not before " + clock_text(retry.not_before) + ": " + key + " by " +
               name_of(retry.rule) + ", " + name_of(retry.result) +
               (retry.message.empty() ? "" : ": " + retry.message),
           retry.since, Style::Bad);
    }
  }

  const Session& session_;
  const LogSource& log_;
  const State& state_;
  const Partition& partition_;
};

}  // namespace

Result<Exit> show_state(const Session& session, const LogSource& log, const StateOptions& options) {
  const Seq at = options.at ? options.at : Seq{log.last()};
  auto state = fold_until(session, log, options.partition, at);
  if (!state) return fail(state.error());
  if (session.interrupted()) return Exit::Good;
  const auto found = state->partitions.find(options.partition);
  if (found == state->partitions.end()) {
    return fail(ErrorCode::NotFound, "nothing was believed of " + to_text(options.partition) +
                                         " after event " + log.event_text(at) +
                                         "; raycord log ls --partition shows when it was seen");
  }
  JsonTree json;
  if (options.format == Format::Json || options.format == Format::Yaml) {
    json = {
        {"partition", to_text(options.partition)},  {"after", log.event_text(at)},
        {"time", to_rfc3339_millis(state->now)},    {"digest", to_hex(digest_of(found->second))},
        {"leading", state->fleet.leading},          {"failoversHeld", state->fleet.held},
        {"options", json_of(state->fleet.options)}, {"state", json_of(found->second)}};
  }
  switch (options.format) {
    case Format::Json:
      session.out << json.dump(2) << "\n";
      break;
    case Format::Yaml:
      session.out << to_yaml(json);
      break;
    case Format::Name:
      session.out << to_text(options.partition) << "\n";
      break;
    case Format::Table:
    case Format::Wide:
      StateWriter(session, log, *state, found->second).write(at);
      break;
  }
  return Exit::Good;
}

}  // namespace raycord

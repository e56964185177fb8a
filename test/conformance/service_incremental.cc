// RayService 73 to 80: incremental upgrades, metrics, replay.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "sandbox/api_kinds.h"
#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

constexpr const char* kRoute = "rayservice-sample-httproute";
constexpr const char* kGateway = "rayservice-sample-gateway";

void ask_for_increments(Stage& stage, int surge, int step, int interval) {
  stage.spec()["upgradeStrategy"] = {{"type", "NewClusterWithIncrementalUpgrade"},
                                     {"clusterUpgradeOptions",
                                      {{"maxSurgePercent", surge},
                                       {"stepSizePercent", step},
                                       {"intervalSeconds", interval},
                                       {"gatewayClassName", "istio"}}}};
  stage.spec()["rayClusterConfig"]["enableInTreeAutoscaling"] = true;
}

void ask_for_version(Stage& stage, const std::string& version) {
  stage.spec()["rayClusterConfig"]["rayVersion"] = version;
  stage.apply();
}

// Backend → weight, as the HTTPRoute has them.
std::map<std::string, int> weights(Stage& stage) {
  std::map<std::string, int> found;
  const Json route = stage.get(stage.home("httproutes") + "/" + kRoute);
  const Json backends = Stage::at(route, "/spec/rules/0/backendRefs");
  if (!backends.is_array()) return found;
  for (const Json& backend : backends) found[backend["name"]] = backend["weight"];
  return found;
}

int weight_of(Stage& stage, const std::string& cluster) {
  const auto found = weights(stage);
  const auto at = found.find(cluster + "-serve-svc");
  return at == found.end() ? 0 : at->second;
}

// What Serve on the cluster was asked for; -1: nothing.
int capacity_of(Stage& stage, const std::string& cluster) {
  const Json view = stage.get("/sandbox/clusters/default/" + cluster);
  const Json capacity = Stage::at(view, "/serve/target_capacity");
  return capacity.is_number() ? capacity.get<int>() : -1;
}

bool is_settled(Stage& stage) {
  return stage.pending().empty() && stage.clusters().size() == 1 && weights(stage).size() == 1;
}

std::string version_of_active(Stage& stage) {
  return Stage::text(stage.cluster(stage.active()), "/spec/rayVersion");
}

void first_start(Stage& stage) {
  ask_for_increments(stage, 50, 25, 5);
  stage.run_service();
  const std::string active = stage.active();
  const Json gateway = stage.get(stage.home("gateways") + "/" + kGateway);
  stage.is(Stage::text(gateway, "/spec/gatewayClassName"), "istio", "gatewayClassName");
  stage.is(Stage::at(gateway, "/spec/listeners"),
           Json::array({{{"name", "http"}, {"port", 80}, {"protocol", "HTTP"}}}), "listeners");
  const Json service = stage.service(active + "-serve-svc");
  stage.is(Stage::at(service, "/spec/selector"),
           Json{{"ray.io/cluster", active}, {"ray.io/serve", "true"}}, "selector");
  stage.is(Stage::text(service, "/metadata/ownerReferences/0/kind"), "RayCluster", "owner");
  stage.is(weights(stage), std::map<std::string, int>{{active + "-serve-svc", 100}}, "weights");
  stage.is(stage.service("rayservice-sample-serve-svc"), Json(), "the ordinary serve Service");
  stage.is(stage.puts(active).at(0)["body"]["target_capacity"], Json(100), "target_capacity sent");
  stage.is(Stage::at(stage.status(), "/activeServiceStatus/targetCapacity"), Json(100),
           "targetCapacity");
  stage.is(Stage::at(stage.status(), "/activeServiceStatus/trafficRoutedPercent"), Json(100),
           "trafficRoutedPercent");
  stage.holds(stage.events("CreatedGateway") == 1 && stage.events("CreatedHTTPRoute") == 1,
              "Events tell of both");
}

// One upgrade, watched at each step: what moves never moves back, traffic no faster than asked.
class Watched {
 public:
  Watched(Stage& stage, int surge, int step, int interval)
      : stage_(stage), surge_(surge), step_(step), interval_(interval) {
    stage.at_each_step([this] { look(); });
  }

  void play(const std::string& version) {
    old_ = stage_.active();
    ask_for_increments(stage_, surge_, step_, interval_);
    ask_for_version(stage_, version);
    stage_.within("a pending cluster", [this] { return !stage_.pending().empty(); });
    new_ = stage_.pending();
    trace_.clear();
    moved_ = {};
    watching_ = true;
    stage_.within(
        "promotion of " + version, [this] { return stage_.active() == new_; }, 30min);
    watching_ = false;
    stage_.is(trace_.empty() ? Shares{} : trace_.back(), Shares{0, 100, 0, 100}, "the last shares");
    stage_.within(
        "the end of " + version, [this] { return is_settled(stage_); }, 5min);
    stage_.is(version_of_active(stage_), version, "the active spec");
  }

  std::size_t steps() const { return trace_.size(); }

 private:
  using Shares = std::array<int, 4>;  // Capacity and traffic, of the old and the new one.

  void look() {
    if (!watching_ || !has_changed()) return;
    const Shares now{capacity_of(stage_, old_), std::max(0, capacity_of(stage_, new_)),
                     weight_of(stage_, old_), weight_of(stage_, new_)};
    const Shares before = trace_.empty() ? Shares{100, 0, 100, 0} : trace_.back();
    if (!trace_.empty() && now == before) return;
    const bool forward =
        now[0] <= before[0] && now[1] >= before[1] && now[2] <= before[2] && now[3] >= before[3];
    stage_.holds(forward, "every share moves forward only");
    stage_.holds(now[1] - before[1] <= surge_ && before[0] - now[0] <= surge_,
                 "capacity moves by the surge at most");
    stage_.holds(now[3] <= now[1] && now[2] + now[3] == 100, "traffic follows capacity");
    if (now[3] != before[3]) {
      stage_.holds(now[3] - before[3] <= step_, "traffic moves by a step at most");
      const Millis at = stage_.elapsed();
      stage_.holds(moved_ == Millis{} || at - moved_ >= std::chrono::seconds(interval_),
                   "the interval between two moves");
      moved_ = at;
    }
    trace_.push_back(now);
  }

  // Asking at each step costs more than all the rest.
  bool has_changed() {
    const std::pair seen{stage_.platform().version_of(ApiKindId::HTTPRoute),
                         stage_.requests(old_, "puts") + stage_.requests(new_, "puts")};
    return std::exchange(seen_, seen) != seen;
  }

  Stage& stage_;
  std::pair<std::uint64_t, std::uint64_t> seen_;
  int surge_;
  int step_;
  int interval_;
  std::string old_;
  std::string new_;
  std::vector<Shares> trace_;
  Millis moved_{};
  bool watching_ = false;
};

// Nothing moves for a minute.
void is_frozen(Stage& stage, const std::string& pending, const std::string& by) {
  stage.run(5s);
  const auto now = [&] {
    return std::array{weight_of(stage, pending), capacity_of(stage, pending)};
  };
  const auto before = now();
  stage.run(60s);
  stage.is(now(), before, "the shares of the pending cluster, " + by);
}

void moves_by_steps(Stage& stage) {
  ask_for_increments(stage, 100, 100, 1);
  stage.run_service();
  Watched(stage, 100, 100, 1).play("2.100.0");
  Watched quarters(stage, 50, 25, 5);
  quarters.play("2.101.0");
  stage.is(quarters.steps(), 9U, "the number of steps with 50/25");
  Watched(stage, 25, 5, 10).play("2.102.0");
}

void waits_where_something_is_not_ready(Stage& stage) {
  ask_for_increments(stage, 50, 10, 5);
  stage.run_service();
  ask_for_version(stage, "2.100.0");
  stage.within("some traffic", [&] { return weight_of(stage, stage.pending()) >= 20; });
  const std::string pending = stage.pending();
  const Json app = {{"cluster", "default/" + pending}, {"app", "fruit_app"}};
  Json deploying = app;
  deploying["status"] = "DEPLOYING";
  stage.fault("apps", deploying);
  is_frozen(stage, pending, "while it is not ready");
  stage.fault("apps", app);
  stage.fault("faults", {{"target", "gateways"}, {"mode", "silent"}});
  is_frozen(stage, pending, "while the Gateway is not programmed");
  stage.is(stage.condition("RaycordRouting"), "False, GatewayNotReady", "RaycordRouting");
  stage.fault("faults", {{"target", "gateways"}, {"mode", "clear"}});
  stage.within(
      "promotion", [&] { return stage.active() == pending; }, 10min);
  stage.is(stage.condition("RaycordRouting"), "", "RaycordRouting at the end");
}

void steps(Stage& stage) {
  moves_by_steps(stage);
  waits_where_something_is_not_ready(stage);
}

void goals_change(Stage& stage) {
  ask_for_increments(stage, 50, 25, 5);
  stage.run_service();
  int version = 100;
  const auto next = [&] { return "2." + std::to_string(version++) + ".0"; };
  std::string a = Stage::text(stage.cluster(stage.active()), "/spec/rayVersion");
  for (const Millis stop : {Millis(2s), Millis(14s), Millis(27s)}) {
    for (int sequence = 0; sequence < 3; ++sequence) {
      const std::string b = next();
      ask_for_version(stage, b);
      stage.run(stop);
      ask_for_version(stage, a);
      stage.run(3s);
      std::string goal = a;
      if (sequence > 0) ask_for_version(stage, goal = sequence == 1 ? b : next());
      const std::string what = "from " + a + " by " + b + " to " + goal;
      stage.run(3s);
      stage.within(
          what, [&] { return is_settled(stage) && version_of_active(stage) == goal; }, 10min);
      stage.is(weight_of(stage, stage.active()), 100, "the weight of the active cluster, " + what);
      stage.is(stage.condition("RollbackInProgress"), "", "RollbackInProgress, " + what);
      a = goal;
    }
  }
}

void rolled_back_without_head(Stage& stage) {
  ask_for_increments(stage, 50, 25, 5);
  stage.run_service();
  const std::string active = stage.active();
  const std::string version = version_of_active(stage);
  ask_for_version(stage, "2.100.0");
  stage.within("half of the traffic", [&] { return weight_of(stage, stage.pending()) >= 50; });
  const std::string pending = stage.pending();
  stage.fault("faults",
              {{"cluster", "default/" + pending}, {"mode", "hang"}, {"unready_after_ms", 1000}});
  stage.run(10s);
  ask_for_version(stage, version);
  stage.run(2s);
  stage.is(stage.condition("RollbackInProgress"), "True, DesiredClusterSpecChanged",
           "RollbackInProgress");
  stage.within(
      "all traffic back", [&] { return weight_of(stage, active) == 100; }, 3min);
  stage.is(capacity_of(stage, active), 100, "the capacity of the active cluster");
  stage.within(
      "the end of it", [&] { return is_settled(stage) && stage.active() == active; }, 3min);
}

void old_cluster_keeps_its_config(Stage& stage) {
  ask_for_increments(stage, 50, 25, 5);
  stage.run_service();
  const std::string active = stage.active();
  stage.replace_config("price: 3", "price: 7");
  ask_for_version(stage, "2.100.0");
  for (int i = 0; i < 6; ++i) {
    stage.run(5s);
    stage.crash();
  }
  stage.within(
      "promotion", [&] { return stage.active() != active; }, 3min);
  const Json puts = stage.puts(active);
  for (const Json& put : puts) {
    stage.holds(put["body"].dump().find("\"price\":7") == std::string::npos,
                "the old cluster never gets the new config");
  }
  stage.is(puts.back()["body"]["target_capacity"], Json(0), "the last capacity of the old one");
}

void no_status_writes(Stage& stage) {
  ask_for_increments(stage, 50, 25, 5);
  stage.run_service();
  stage.run(10s);
  const auto version = [&] { return Stage::text(stage.object(), "/metadata/resourceVersion"); };
  const std::string before = version();
  stage.run(60s);
  stage.is(version(), before, "the resourceVersion after a minute");
}

void metrics_follow_conditions(Stage& stage) {
  stage.run_service();
  const auto line = [&](const std::string& name) {
    const std::string text = stage.platform().metrics();
    const auto found = text.find("\n" + name + "{");
    return found == std::string::npos
               ? ""
               : text.substr(found + 1, text.find('\n', found + 1) - found - 1);
  };
  const auto shows = [&](const char* name, const char* value) {
    stage.holds(line(name).find(value) != std::string::npos,
                std::string(name) + " shows " + value + ": " + line(name));
  };
  shows("kuberay_service_info", "name=\"rayservice-sample\"");
  shows("kuberay_service_condition_ready", "condition=\"true\"");
  shows("kuberay_service_condition_upgrade_in_progress", "condition=\"false\"");
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(1500ms);
  shows("kuberay_service_condition_upgrade_in_progress", "condition=\"true\"");
  stage.remove(stage.path());
  stage.run(10s);
  stage.is(line("kuberay_service_info"), "", "kuberay_service_info after deletion");
  stage.is(line("kuberay_service_condition_ready"), "", "the condition after deletion");
}

// What every scenario is held to, in one with an upgrade, a crash and a lost log.
void log_is_replayed(Stage& stage) {
  stage.run_service();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(1s);
  stage.crash();
  stage.run(90s);
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  const std::vector<std::string> differences = stage.broken();
  stage.is(differences, std::vector<std::string>{}, "differences");
}

}  // namespace

std::vector<Scenario> service_incremental() {
  using enum Tag;
  return {
      {73, Plus, "first start: Gateway, a Service per cluster, HTTPRoute, full capacity",
       first_start, same()},
      {74, Plus,
       "capacity and traffic move by steps, never back; waits where something is not ready", steps,
       same()},
      {75, Plus, "goals that change on the way: the last one is reached, one backend remains",
       goals_change, different("what was given up goes after its drain; a third cluster waits")},
      {76, Plus, "rolled back while the pending head is down", rolled_back_without_head, same()},
      {77, Plus, "operator restarted on the way: the old cluster never gets the new config",
       old_cluster_keeps_its_config, different("KubeRay sends it")},
      {78, Plus, "a minute of steady state: no status writes", no_status_writes,
       different("KubeRay writes two every two seconds")},
      {79, Plus, "metrics match conditions, and go with the service", metrics_follow_conditions,
       same()},
      {80, Plus, "the log is replayed: the same decisions", log_is_replayed,
       different("names too; every scenario of this page is replayed, KubeRay has no log")},
  };
}

}  // namespace raycord

// RayService 73 to 80: incremental upgrades, metrics, replay.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

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
  const Ours none = missing("incremental upgrade");
  return {
      {73, Plus, "first start: Gateway, a Service per cluster, HTTPRoute, full capacity", nullptr,
       none},
      {74, Plus,
       "capacity and traffic move by steps, never back; waits where something is not ready",
       nullptr, none},
      {75, Plus, "goals that change on the way: the last one is reached, one backend remains",
       nullptr, none},
      {76, Plus, "rolled back while the pending head is down", nullptr, none},
      {77, Plus, "operator restarted on the way: the old cluster never gets the new config",
       nullptr, none},
      {78, Plus, "a minute of steady state: no status writes", nullptr, none},
      {79, Plus, "metrics match conditions, and go with the service", metrics_follow_conditions,
       same()},
      {80, Plus, "the log is replayed: the same decisions", log_is_replayed,
       different("names too; every scenario of this page is replayed, KubeRay has no log")},
  };
}

}  // namespace raycord

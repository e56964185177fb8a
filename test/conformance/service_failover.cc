// RayService 37 to 47: an active cluster that is ill.

#include <set>
#include <utility>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void failover_is(Stage& stage, FailoverMode mode) { stage.options().options.failover = mode; }

std::string fruit_status(Stage& stage) {
  return Stage::text(stage.status(), "/activeServiceStatus/applicationStatuses/fruit_app/status");
}

void no_failover_for_an_app_when_off(Stage& stage) {
  failover_is(stage, FailoverMode::Off);
  stage.run_service();
  const Json before = stage.service(stage.serve_service());
  stage.show_app("UNHEALTHY");
  stage.run(30min);
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(stage.service(stage.serve_service()), before, "the serve Service");
  stage.is(fruit_status(stage), "UNHEALTHY", "the application in the status");
  stage.is(stage.condition("RaycordFailover"), "False, Off", "RaycordFailover");
}

void failover_for_an_app(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  stage.fault(
      "apps",
      {{"cluster", stage.space() + "/" + old}, {"app", "fruit_app"}, {"status", "UNHEALTHY"}});
  stage.run(897s);
  stage.is(stage.clusters().size(), 1U, "RayClusters before the limit");
  stage.within(
      "there are two RayClusters after it", [&] { return stage.clusters().size() == 2; }, 7s);
  stage.is(stage.active(), old, "active until the other runs");
  stage.run(20s);
  stage.is(stage.events("FailoverStarted"), 1U, "Events");
  stage.holds(stage.active() != old && !stage.active().empty(), "traffic has moved");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.run(2min);
  stage.is(stage.clusters().size(), 1U, "RayClusters in the end");
}

void recovery_resets_the_clock(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  for (int i = 0; i < 2; ++i) {
    stage.show_app("UNHEALTHY");
    stage.run(895s);
    stage.show_app("");
    stage.run(10s);
  }
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(stage.active(), active, "active");
}

void deploying_is_not_ill(Stage& stage) {
  stage.run_service();
  stage.show_app("DEPLOYING");
  stage.run(1h);
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

void no_failover_for_the_dashboard_when_off(Stage& stage) {
  failover_is(stage, FailoverMode::Off);
  stage.run_service();
  stage.dashboard("hang");
  stage.run(20min);
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(fruit_status(stage), "RUNNING", "the application in the status");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
}

void failover_for_the_dashboard(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  stage.dashboard("hang");
  stage.run(250s);
  stage.dashboard("clear");
  stage.run(5s);
  stage.dashboard("hang");
  stage.run(299s);
  stage.is(stage.clusters().size(), 1U, "RayClusters before the limit of the second outage");
  stage.run(15s);
  stage.is(stage.clusters().size(), 2U, "RayClusters after it");
  stage.run(20s);
  stage.holds(stage.active() != old, "traffic has moved");
}

void replacement_fails_too(Stage& stage) {
  stage.spec()["serviceUnhealthySecondThreshold"] = 60;
  stage.run_service();
  const std::string active = stage.active();
  stage.show_app("UNHEALTHY");
  std::set<std::string> names;
  std::uint64_t seen = 0;
  stage.at_each_step([&] {  // Replacements are as ill.
    const std::uint64_t version = stage.platform().version_of(ApiKindId::Pod);
    if (std::exchange(seen, version) == version) return;
    for (const std::string& name : stage.clusters()) names.insert(name);
    stage.show_app("UNHEALTHY");
  });
  stage.run(2h);
  stage.is(stage.active(), active, "active");
  stage.is(names.size(), 4U, "clusters ever: the active one and three attempts");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(stage.condition("RaycordFailover"), "False, GivenUp", "RaycordFailover");
}

void clock_survives_a_restart(Stage& stage) {
  stage.run_service();
  stage.dashboard("hang");
  stage.run(250s);
  stage.crash();
  stage.run(45s);
  stage.is(stage.clusters().size(), 1U, "RayClusters before the limit");
  stage.run(20s);
  stage.is(stage.clusters().size(), 2U, "RayClusters after it");
}

void head_is_not_ready(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  stage.fault(
      "faults",
      {{"cluster", stage.space() + "/" + active}, {"mode", "hang"}, {"unready_after_ms", 1}});
  stage.run(20s);
  stage.is(Stage::text(stage.cluster(active), "/status/conditions/0/type"), "HeadPodReady",
           "condition");
  const std::size_t puts = stage.puts().size();
  stage.run(60s);
  stage.is(stage.puts().size(), puts, "PUTs");
  stage.is(stage.events("FailedToUpdateServeApplications"), 0U, "Events");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(Stage::at(stage.status(), "/activeServiceStatus/applicationStatuses"), Json(),
           "applicationStatuses");
}

void head_is_deleted(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const std::string before = object_uid(stage.head(active));
  stage.remove(stage.home("pods") + "/" + object_name(stage.head(active)));
  stage.run(30s);
  stage.is(stage.active(), active, "active");
  stage.holds(object_uid(stage.head(active)) != before, "another head");
  stage.is(stage.puts(active).size(), 2U, "PUTs");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.is(stage.status()["numServeEndpoints"], 2, "numServeEndpoints");
}

void recovery_is_seen_at_once(Stage& stage) {
  failover_is(stage, FailoverMode::Off);
  stage.run_service();
  const std::string active = stage.active();
  stage.dashboard("hang");
  stage.run(1h);
  stage.replace_config("price: 3", "price: 4");
  stage.apply_for(10s);
  stage.dashboard("clear");
  stage.run(14s);  // One probe that hangs may be under way.
  stage.is(stage.puts(active).size(), 2U, "PUTs");
}

}  // namespace

std::vector<Scenario> service_failover() {
  using enum Tag;
  return {
      {37, Seed, "an application UNHEALTHY for longer than 900 s: nothing follows",
       no_failover_for_an_app_when_off, different("so with `--failover=off`; by default see 38")},
      {38, Seed, "the same with failover: at 900 s one replacement, which takes over when it runs",
       failover_for_an_app, same()},
      {39, Seed, "well again before the limit: no replacement, the clock begins anew",
       recovery_resets_the_clock, same()},
      {40, Seed, "DEPLOYING for longer than the limit: no replacement", deploying_is_not_ill,
       same()},
      {41, Seed, "dashboard silent for longer than 300 s: nothing follows",
       no_failover_for_the_dashboard_when_off,
       different("so with `--failover=off`; by default see 42")},
      {42, Seed, "the same with failover: a replacement after 300 s without a single answer",
       failover_for_the_dashboard, same()},
      {43, Seed, "the replacement is ill too: bounded attempts", replacement_fails_too, same()},
      {44, Seed, "operator restarted in an outage: the clock goes on", clock_survives_a_restart,
       same()},
      {45, Seed, "head pod not Ready: no PUT, application statuses cleared, no error",
       head_is_not_ready, different("its dashboard is asked all the same, so that failover knows")},
      {46, Seed, "head pod deleted: same cluster, config sent again, Ready again", head_is_deleted,
       same()},
      {47, Plus, "dashboard away for an hour: its return is seen at once", recovery_is_seen_at_once,
       different("within one probe: KubeRay may take 1000 s")},
  };
}

}  // namespace raycord

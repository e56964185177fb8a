// RayService 48 to 57: Services, and who is behind them.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void head_label_follows_its_proxy(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const auto label = [&] { return label_of(stage.head(active), "ray.io/serve"); };
  stage.is(label(), "true", "the label");
  const std::string all = stage.space() + "/*";
  const std::size_t said = stage.events("UpdatedHeadPodServeLabel");
  for (const char* mode : {"error", "hang", "refuse"}) {
    stage.fault("faults", {{"cluster", all}, {"target", "serve"}, {"mode", mode}});
    stage.run(20s);
    stage.is(label(), "false", std::string("the label after ") + mode);
    stage.fault("faults", {{"cluster", all}, {"target", "serve"}, {"mode", "clear"}});
    stage.run(20s);
    stage.is(label(), "true", "the label when it answers");
  }
  stage.is(stage.events("UpdatedHeadPodServeLabel"), said + 6, "Events");
}

void head_is_excluded(Stage& stage) {
  stage.spec()["excludeHeadPodFromServeSvc"] = true;
  stage.apply();
  stage.within("the RayService is Ready",
               [&] { return stage.condition("Ready").starts_with("True"); });
  stage.run(30s);
  stage.is(label_of(stage.head(stage.active()), "ray.io/serve"), "false", "the head's label");
  stage.is(stage.requests(stage.active(), "health_probes"), 0U, "requests to its proxy");
  stage.is(stage.status()["numServeEndpoints"], 1, "numServeEndpoints");
}

void workers_serve_when_their_proxy_does(Stage& stage) {
  stage.run_service();
  const Json worker = stage.workers(stage.active()).at(0);
  stage.is(label_of(worker, "ray.io/serve"), "true", "the label");
  const Json probe = Stage::at(container_of(worker), "/readinessProbe");
  stage.holds(probe.dump().find("-/healthz") != std::string::npos, "its probe asks the proxy");
  stage.is(probe["failureThreshold"], 1, "failureThreshold");
}

void switch_changes_specs_only(Stage& stage) {
  stage.run_service();
  const Json before = stage.service(stage.serve_service());
  const std::string old = stage.active();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(30s);
  const Json after = stage.service(stage.serve_service());
  stage.is(object_uid(after), object_uid(before), "the UID");
  stage.is(Stage::text(after, "/spec/clusterIP"), Stage::text(before, "/spec/clusterIP"),
           "clusterIP");
  stage.is(Stage::at(after, "/metadata/labels"), Stage::at(before, "/metadata/labels"), "labels");
  stage.holds(stage.traffic() != old, "it selects the new cluster");
  stage.is(stage.traffic(), stage.active(), "the serve Service's cluster");
}

void edits_of_the_template_wait(Stage& stage) {
  stage.run_service();
  const Json before = stage.service(stage.serve_service());
  stage.spec()["serveService"] = {
      {"metadata", {{"name", stage.serve_service()}, {"annotations", {{"team", "fruit"}}}}},
      {"spec", {{"type", "LoadBalancer"}}}};
  stage.apply_for(20s);
  const Json after = stage.service(stage.serve_service());
  stage.is(Stage::at(after, "/spec"), Stage::at(before, "/spec"), "the spec");
  stage.is(annotation_of(after, "team"), "", "the annotation");
}

void deleted_service_comes_back(Stage& stage) {
  stage.run_service();
  const Json before = stage.service(stage.serve_service());
  stage.remove(stage.home("services") + "/" + stage.serve_service());
  stage.run(10s);
  const Json after = stage.service(stage.serve_service());
  stage.holds(object_uid(after) != object_uid(before), "another Service");
  stage.is(Stage::at(after, "/spec/selector"), Stage::at(before, "/spec/selector"), "selector");
  stage.is(stage.status()["numServeEndpoints"], 2, "numServeEndpoints");
}

void endpoints_are_counted_by_pod(Stage& stage) {
  stage.run_service();
  Json slice;
  for (const Json& found : stage.items(stage.home("endpointslices"))) {
    if (label_of(found, "kubernetes.io/service-name") == stage.serve_service()) slice = found;
  }
  Json second = {{"apiVersion", "discovery.k8s.io/v1"},
                 {"kind", "EndpointSlice"},
                 {"metadata", {{"name", "by-hand"}, {"labels", slice["metadata"]["labels"]}}},
                 {"addressType", "IPv6"},
                 {"ports", slice["ports"]},
                 {"endpoints", slice["endpoints"]}};
  int last = 0;
  for (Json& endpoint : second["endpoints"]) {
    endpoint["addresses"] = {"2001:db8::" + std::to_string(++last)};
  }
  Json stranger = second["endpoints"][0];
  stranger["addresses"] = {"2001:db8::9"};
  stranger["targetRef"]["uid"] = "another";
  second["endpoints"].push_back(stranger);
  stranger["targetRef"]["uid"] = "not-ready";
  stranger["conditions"]["ready"] = false;
  second["endpoints"].push_back(stranger);
  const auto made = stage.create(stage.home("endpointslices"), second);
  stage.is(made.status, 201, "making a slice");
  stage.until([&] { return stage.status()["numServeEndpoints"] == 3; }, 5s);
  stage.is(stage.status()["numServeEndpoints"], 3, "numServeEndpoints");
}

void custom_serve_service(Stage& stage) {
  stage.spec()["serveService"] = {{"metadata",
                                   {{"name", "my-serve"},
                                    {"namespace", "elsewhere"},
                                    {"labels", {{"team", "fruit"}}},
                                    {"annotations", {{"note", "mine"}}}}},
                                  {"spec",
                                   {{"type", "NodePort"},
                                    {"selector", {{"app", "other"}}},
                                    {"ports",
                                     {{{"name", "serve"},
                                       {"port", 8080},
                                       {"targetPort", 8000},
                                       {"appProtocol", "kubernetes.io/h2c"}}}}}}};
  stage.head_container()["ports"].push_back({{"name", "serve-grpc"}, {"containerPort", 9000}});
  stage.apply();
  stage.within("the RayService is Ready",
               [&] { return stage.condition("Ready").starts_with("True"); });
  const Json made = stage.service("my-serve");
  stage.is(label_of(made, "team"), "fruit", "label");
  stage.is(annotation_of(made, "note"), "mine", "annotation");
  stage.is(Stage::text(made, "/spec/type"), "NodePort", "type");
  stage.is(Stage::at(made, "/spec/selector"),
           Json({{"ray.io/cluster", stage.active()}, {"ray.io/serve", "true"}}), "selector");
  stage.is(Stage::at(made, "/spec/ports").size(), 2U, "the number of ports");
  for (const Json& port : Stage::at(made, "/spec/ports")) {
    const bool serve = port["name"] == "serve";
    stage.is(port["port"], serve ? 8080 : 9000, "the port");
    if (serve) stage.is(port["appProtocol"], "kubernetes.io/h2c", "appProtocol");
  }
}

void no_serve_port(Stage& stage) {
  Json ports = Json::array();
  for (const Json& port : stage.head_container()["ports"]) {
    if (port["name"] != "serve") ports.push_back(port);
  }
  stage.head_container()["ports"] = ports;
  stage.apply_for(5min);
  stage.is(stage.service(stage.serve_service()), Json(), "the serve Service");
  stage.holds(!stage.condition("Ready").starts_with("True"), "it is not Ready");
}

void crash_between_the_services(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply();
  const auto head = [&] {
    return Stage::text(stage.service("rayservice-sample-head-svc"),
                       "/spec/selector/ray.io~1cluster");
  };
  stage.within("the head Service switches", [&] { return head() != old; });
  stage.is(stage.traffic(), old, "the serve Service's cluster at the crash");
  stage.crash();
  stage.run(20s);
  stage.holds(stage.traffic() != old, "the serve Service follows");
  stage.is(stage.traffic(), head(), "the serve Service's cluster");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
}

}  // namespace

std::vector<Scenario> service_services() {
  using enum Tag;
  return {
      {48, Seed, "the head's label follows its Serve proxy, with Events on a change only",
       head_label_follows_its_proxy, same()},
      {49, Seed, "`excludeHeadPodFromServeSvc`: label false, its proxy is not asked",
       head_is_excluded, same()},
      {50, Seed, "workers: label true, their readiness asks the proxy",
       workers_serve_when_their_proxy_does, same()},
      {51, Seed, "a switch changes specs only: same UID, same cluster IP",
       switch_changes_specs_only, same()},
      {52, Seed, "port or annotation edited without a switch: Services stay",
       edits_of_the_template_wait, same()},
      {53, Seed, "serve Service deleted: made again with the same selector",
       deleted_service_comes_back, same()},
      {54, Seed, "`numServeEndpoints` counts Ready pods over all slices, once each",
       endpoints_are_counted_by_pod, same()},
      {55, Plus, "custom `serveService`: its name, type, metadata and serve port survive",
       custom_serve_service, same()},
      {56, Plus, "no serve port and no `serveService`: no serve Service, never Ready",
       no_serve_port, same()},
      {57, Plus, "crash between the two switches: they converge", crash_between_the_services,
       same()},
  };
}

}  // namespace raycord

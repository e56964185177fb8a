#include "sandbox/api_server.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

Json reason_of(const HttpResponse& response) { return Json::parse(response.body)["reason"]; }

Json ray_service(const std::string& name) {
  const Json template_of = {
      {"spec", {{"containers", Json::array({{{"name", "c"}, {"image", "i"}}})}}}};
  return {{"apiVersion", "ray.io/v1"},
          {"kind", "RayService"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"serveConfigV2", "applications: []"},
            {"rayClusterConfig",
             {{"headGroupSpec", {{"rayStartParams", Json::object()}, {"template", template_of}}},
              {"workerGroupSpecs", Json::array({{{"groupName", "small"},
                                                 {"rayStartParams", Json::object()},
                                                 {"template", template_of}}})}}}}}};
}

constexpr const char* kRayServices = "/apis/ray.io/v1/namespaces/default/rayservices";

TEST(ApiServer, CreatesOnceAndKeepsWhatItWasTold) {
  Bench bench;
  const HttpResponse created = bench.post(Bench::kMaps, Bench::config_map("a"));
  ASSERT_EQ(created.status, 201);
  const Json object = Json::parse(created.body);
  EXPECT_EQ(object["metadata"]["creationTimestamp"], "2026-01-02T03:04:05Z");
  EXPECT_EQ(object["metadata"]["uid"].get<std::string>().size(), 36u);
  EXPECT_EQ(bench.get(std::string(Bench::kMaps) + "/a"), object);
  const HttpResponse again = bench.post(Bench::kMaps, Bench::config_map("a"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(reason_of(again), "AlreadyExists");
}

TEST(ApiServer, RefusesAPodWhoseServiceAccountIsMissing) {
  Bench bench;
  const std::string home = "/api/v1/namespaces/default/";
  const Json container = {{"name", "c"}, {"image", "i"}};
  const Json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", "p"}}},
      {"spec", {{"serviceAccountName", "mine"}, {"containers", Json::array({container})}}}};
  const HttpResponse refused = bench.post(home + "pods", pod);
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("serviceaccount \\\"mine\\\" not found"), std::string::npos);
  const Json account = {
      {"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "mine"}}}};
  ASSERT_EQ(bench.post(home + "serviceaccounts", account).status, 201);
  EXPECT_EQ(bench.post(home + "pods", pod).status, 201);
}

TEST(ApiServer, RefusesAnUpdateOfAnOlderVersion) {
  Bench bench;
  Json object = Json::parse(bench.post(Bench::kMaps, Bench::config_map("a")).body);
  const std::string url = std::string(Bench::kMaps) + "/a";
  Json changed = object;
  changed["data"] = {{"k", "1"}};
  ASSERT_EQ(bench.send("PUT", url, changed.dump()).status, 200);
  changed["data"] = {{"k", "2"}};
  const HttpResponse late = bench.send("PUT", url, changed.dump());
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(reason_of(late), "Conflict");
}

TEST(ApiServer, DoesNotCountAnUpdateThatChangesNothing) {
  Bench bench;
  bench.post(Bench::kMaps, Bench::config_map("a"));
  const auto before = bench.sandbox.resource_version();
  const std::string url = std::string(Bench::kMaps) + "/a";
  EXPECT_EQ(bench.merge(url, {{"metadata", {{"labels", nullptr}}}}).status, 200);
  EXPECT_EQ(bench.sandbox.resource_version(), before);
}

TEST(ApiServer, CountsGenerationsOfTheSpecOnly) {
  Bench bench;
  ASSERT_EQ(bench.post(kRayServices, ray_service("svc")).status, 201);
  const std::string url = std::string(kRayServices) + "/svc";
  bench.merge(url + "/status", {{"status", {{"serviceStatus", "Running"}}}});
  bench.merge(url, {{"metadata", {{"labels", {{"a", "b"}}}}}});
  EXPECT_EQ(bench.get(url)["metadata"]["generation"], 1);
  bench.merge(url, {{"spec", {{"suspend", true}}}, {"status", {{"serviceStatus", "lie"}}}});
  const Json after = bench.get(url);
  EXPECT_EQ(after["metadata"]["generation"], 2);
  EXPECT_EQ(after["status"]["serviceStatus"], "Running");
}

TEST(ApiServer, GivesAnEventTheTimesThatAnOlderKubectlShows) {
  Bench bench;
  const Json event = {{"apiVersion", "events.k8s.io/v1"},
                      {"kind", "Event"},
                      {"metadata", {{"name", "e"}, {"namespace", "default"}}},
                      {"eventTime", "2026-01-02T03:04:05.042000Z"},
                      {"reportingController", "raycord-operator"},
                      {"reportingInstance", "i"},
                      {"regarding", {{"kind", "Pod"}, {"name", "p"}, {"namespace", "default"}}},
                      {"type", "Normal"},
                      {"reason", "R"},
                      {"action", "A"},
                      {"note", "n"}};
  const HttpResponse made = bench.post("/apis/events.k8s.io/v1/namespaces/default/events", event);
  ASSERT_EQ(made.status, 201) << made.body;
  const Json shown = bench.get("/api/v1/namespaces/default/events/e");
  EXPECT_EQ(shown["firstTimestamp"], "2026-01-02T03:04:05Z");
  EXPECT_EQ(shown["lastTimestamp"], "2026-01-02T03:04:05Z");
}

TEST(ApiServer, FillsInTheDefaultsOfTheCustomResources) {
  Bench bench;
  bench.post(kRayServices, ray_service("svc"));
  const Json group = bench.get(std::string(kRayServices) +
                               "/svc")["spec"]["rayClusterConfig"]["workerGroupSpecs"][0];
  EXPECT_EQ(group["replicas"], 0);
  EXPECT_EQ(group["maxReplicas"], 2147483647);
  EXPECT_EQ(group["numOfHosts"], 1);
}

TEST(ApiServer, ShowsTheSameObjectInBothVersions) {
  Bench bench;
  bench.post(kRayServices, ray_service("svc"));
  const HttpResponse old =
      bench.send("GET", "/apis/ray.io/v1alpha1/namespaces/default/rayservices/svc");
  EXPECT_EQ(Json::parse(old.body)["apiVersion"], "ray.io/v1alpha1");
  EXPECT_TRUE(find_header(old.headers, "warning").has_value());
}

TEST(ApiServer, RefusesWhatTheSchemaForbids) {
  Bench bench;
  Json missing = ray_service("svc");
  missing["spec"].erase("rayClusterConfig");
  const HttpResponse response = bench.post(kRayServices, missing);
  EXPECT_EQ(response.status, 422);
  EXPECT_NE(response.body.find("spec.rayClusterConfig: Required value"), std::string::npos);
  Json wrong = ray_service("svc");
  wrong["spec"]["serveConfigV2"] = 7;
  EXPECT_EQ(bench.post(kRayServices, wrong).status, 422);
  Json long_label = Bench::config_map("a");
  long_label["metadata"]["labels"] = {{"ray.io/cluster", std::string(64, 'x')}};
  EXPECT_EQ(bench.post(Bench::kMaps, long_label).status, 422);
  EXPECT_EQ(bench.post(Bench::kMaps, Bench::config_map("Not_A_Name")).status, 422);
}

TEST(ApiServer, MakesNamesFromAPrefix) {
  Bench bench;
  Json object = Bench::config_map("");
  object["metadata"] = {{"generateName", "a-"}};
  const Json first = Json::parse(bench.post(Bench::kMaps, object).body);
  const Json second = Json::parse(bench.post(Bench::kMaps, object).body);
  EXPECT_EQ(first["metadata"]["name"].get<std::string>().size(), 7u);
  EXPECT_NE(first["metadata"]["name"], second["metadata"]["name"]);
}

TEST(ApiServer, PagesThroughOneVersionOfAList) {
  Bench bench;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    bench.post(Bench::kMaps, Bench::config_map(name));
  }
  const Json first = bench.get(std::string(Bench::kMaps) + "?limit=2");
  EXPECT_EQ(first["items"].size(), 2u);
  EXPECT_EQ(first["metadata"]["remainingItemCount"], 3);
  bench.post(Bench::kMaps, Bench::config_map("cc"));  // Not in this list.
  const std::string token = first["metadata"]["continue"];
  const Json rest = bench.get(std::string(Bench::kMaps) + "?limit=10&continue=" + token);
  EXPECT_EQ(rest["items"].size(), 3u);
  EXPECT_EQ(rest["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
  bench.pass(Millis(600'000));
  const HttpResponse late =
      bench.send("GET", std::string(Bench::kMaps) + "?limit=2&continue=" + token);
  EXPECT_EQ(late.status, 410);
  EXPECT_EQ(reason_of(late), "Expired");
}

TEST(ApiServer, RefusesAListThatIsNewerThanTheWorld) {
  Bench bench;
  EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "?resourceVersion=999999").status, 504);
}

TEST(ApiServer, DeletesOnlyWhatWasMeant) {
  Bench bench;
  const Json object = Json::parse(bench.post(Bench::kMaps, Bench::config_map("a")).body);
  const std::string url = std::string(Bench::kMaps) + "/a";
  const Json other = {{"preconditions", {{"uid", "someone-else"}}}};
  EXPECT_EQ(bench.send("DELETE", url, other.dump()).status, 409);
  const Json stale = {{"preconditions", {{"resourceVersion", "1"}}}};
  EXPECT_EQ(bench.send("DELETE", url, stale.dump()).status, 409);
  const Json meant = {{"preconditions", {{"uid", object["metadata"]["uid"]}}}};
  EXPECT_EQ(bench.send("DELETE", url, meant.dump()).status, 200);
  EXPECT_EQ(bench.send("DELETE", url).status, 404);
}

TEST(ApiServer, KeepsAnObjectUntilItsLastFinalizerIsGone) {
  Bench bench;
  Json object = Bench::config_map("a");
  object["metadata"]["finalizers"] = {"x/y"};
  bench.post(Bench::kMaps, object);
  const std::string url = std::string(Bench::kMaps) + "/a";
  EXPECT_EQ(bench.send("DELETE", url).status, 200);
  EXPECT_TRUE(bench.get(url)["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ(bench.merge(url, {{"metadata", {{"finalizers", {"x/y", "z/z"}}}}}).status, 422);
  EXPECT_EQ(bench.merge(url, {{"metadata", {{"finalizers", nullptr}}}}).status, 200);
  EXPECT_EQ(bench.send("GET", url).status, 404);
}

TEST(ApiServer, DeletesManyByLabel) {
  Bench bench;
  for (const char* name : {"a", "b"}) {
    Json object = Bench::config_map(name);
    object["metadata"]["labels"] = {{"is", name}};
    bench.post(Bench::kMaps, object);
  }
  EXPECT_EQ(bench.send("DELETE", std::string(Bench::kMaps) + "?labelSelector=is%3Da").status, 200);
  EXPECT_EQ(bench.get(Bench::kMaps)["items"].size(), 1u);
}

TEST(ApiServer, ChangesNothingOnADryRun) {
  Bench bench;
  EXPECT_EQ(bench.post(std::string(Bench::kMaps) + "?dryRun=All", Bench::config_map("a")).status,
            201);
  EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "/a").status, 404);
}

TEST(ApiServer, SaysWhatItDoesNotDo) {
  Bench bench;
  for (const char* path :
       {"/apis/apps/v1/namespaces/default/deployments", "/api/v1/persistentvolumeclaims",
        "/api/v1/namespaces/default/pods/x/log"}) {
    const HttpResponse response = bench.send("GET", path);
    EXPECT_EQ(response.status, 501) << path;
    EXPECT_EQ(reason_of(response), "NotImplemented");
  }
  EXPECT_EQ(bench.send("GET", "/apis/no.such/v1/things").status, 404);
  bench.post(Bench::kMaps, Bench::config_map("a"));
  EXPECT_EQ(
      bench.send("PATCH", std::string(Bench::kMaps) + "/a", "{}", "application/apply-patch+yaml")
          .status,
      501);
}

TEST(ApiServer, RefusesPodsInNamespacesThatAreNotThere) {
  Bench bench;
  EXPECT_EQ(bench.post("/api/v1/namespaces/nowhere/pods", Bench::ray_pod("p", "c", "head")).status,
            404);
}

TEST(ApiServer, RefusesToChangeARunningPod) {
  Bench bench;
  bench.post(Bench::kPods, Bench::ray_pod("p", "c", "head"));
  const Json change =
      Json::array({{{"op", "replace"}, {"path", "/spec/containers/0/name"}, {"value", "other"}}});
  EXPECT_EQ(bench
                .send("PATCH", std::string(Bench::kPods) + "/p", change.dump(),
                      "application/json-patch+json")
                .status,
            422);
}

TEST(ApiServer, GivesServicesAddressesAndKeepsThem) {
  Bench bench;
  const Json service = {{"apiVersion", "v1"},
                        {"kind", "Service"},
                        {"metadata", {{"name", "s"}}},
                        {"spec", {{"ports", Json::array({{{"port", 8000}}})}}}};
  const Json made = Json::parse(bench.post(Bench::kServices, service).body);
  EXPECT_EQ(made["spec"]["clusterIP"], "10.96.0.1");
  EXPECT_EQ(made["spec"]["ports"][0]["targetPort"], 8000);
  EXPECT_EQ(made["spec"]["type"], "ClusterIP");
  const std::string url = std::string(Bench::kServices) + "/s";
  EXPECT_EQ(bench.send("PUT", url, service.dump()).status, 200);
  EXPECT_EQ(bench.get(url)["spec"]["clusterIP"], "10.96.0.1");
  EXPECT_EQ(bench.merge(url, {{"spec", {{"clusterIP", "10.96.0.9"}}}}).status, 422);
}

}  // namespace
}  // namespace raycord

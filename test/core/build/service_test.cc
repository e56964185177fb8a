#include "core/build/service.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;

Json head_service(const Json& cluster, const BuildOptions& options = {}) {
  return parsed(build_cluster_head_service(cluster.dump(), "abcde:3", options));
}

Json service_head_service(const Json& service, const Json& cluster,
                          const BuildOptions& options = {}) {
  return parsed(build_service_head_service(service.dump(), cluster.dump(), "abcde:4", options));
}

Json serve_service(const Json& service, const Json& cluster) {
  return parsed(build_serve_service(service.dump(), cluster.dump(), "abcde:5"));
}

std::vector<std::string> ports_of(const Json& service) {
  std::vector<std::string> ports;
  for (const Json& port : service["spec"]["ports"]) {
    ports.push_back(port["name"].get<std::string>() + " " + port["port"].dump());
  }
  return ports;
}

using Ports = std::vector<std::string>;
const Ports kDefaultPorts = {"client 10001", "dashboard 8265", "gcs-server 6379", "metrics 8080",
                             "serve 8000"};

Json with_ports(const char* ports) {
  Json cluster = sample_cluster_of_service();
  head_container(cluster)["ports"] = Json::parse(ports);
  return cluster;
}

TEST(HeadService, HasTheFivePortsOfRayByName) {
  const Json service = head_service(sample_cluster());
  EXPECT_EQ(ports_of(service), kDefaultPorts);
  for (const Json& port : service["spec"]["ports"]) EXPECT_EQ(port["appProtocol"], "tcp");
}

TEST(HeadService, HasARealClusterIpAndPublishesAddressesEarly) {
  const Json service = head_service(sample_cluster());
  EXPECT_EQ(service["metadata"]["name"], "rc-head-svc");
  EXPECT_FALSE(service["spec"].contains("clusterIP"));
  EXPECT_FALSE(service["spec"].contains("type"));
  EXPECT_EQ(service["spec"]["publishNotReadyAddresses"], true);
}

TEST(HeadService, IsHeadlessByOption) {
  BuildOptions options;
  options.headless_head_service = true;
  EXPECT_EQ(head_service(sample_cluster(), options)["spec"]["clusterIP"], "None");
  EXPECT_EQ(head_service(sample_cluster(), options)["spec"]["publishNotReadyAddresses"], true);
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["serviceType"] = "NodePort";
  const Json spec = head_service(cluster, options)["spec"];
  EXPECT_EQ(spec["type"], "NodePort");
  EXPECT_FALSE(spec.contains("clusterIP"));
}

TEST(HeadService, HasThePortsThatTheHeadDeclaresAndMetrics) {
  EXPECT_EQ(ports_of(head_service(with_ports(R"([{"name": "serve", "containerPort": 8001},
                                                 {"name": "dashboard", "containerPort": 8265}])"))),
            (Ports{"dashboard 8265", "metrics 8080", "serve 8001"}));
  EXPECT_EQ(ports_of(head_service(with_ports(R"([{"containerPort": 9999},
                                                 {"name": "metrics", "containerPort": 1}])"))),
            (Ports{"9999-port 9999", "metrics 1"}));
}

TEST(HeadService, SelectsTheHeadOfItsCluster) {
  const Json selector = {{"app.kubernetes.io/created-by", "kuberay-operator"},
                         {"app.kubernetes.io/name", "kuberay"},
                         {"ray.io/cluster", "rc"},
                         {"ray.io/identifier", "rc-head"},
                         {"ray.io/node-type", "head"}};
  const Json service = head_service(sample_cluster());
  EXPECT_EQ(service["spec"]["selector"], selector);
  EXPECT_EQ(service["metadata"]["labels"], selector);
}

TEST(HeadService, SelectsTheLabelsThatHeadPodsReallyCarry) {
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["template"]["metadata"]["labels"] = {
      {"app.kubernetes.io/name", "x"}, {"ray.io/identifier", "mine"}};
  cluster["spec"]["headGroupSpec"]["labels"] = {{"app.kubernetes.io/created-by", "me"}};
  const Json labels = head_pod(cluster)["metadata"]["labels"];
  for (const Json& service :
       {head_service(cluster), service_head_service(sample_service(), cluster)}) {
    for (const auto& [key, value] : service["spec"]["selector"].items()) {
      EXPECT_EQ(labels[key], value) << key;
    }
    EXPECT_EQ(service["spec"]["selector"]["app.kubernetes.io/name"], "x");
  }
}

TEST(HeadService, TakesItsAnnotationsFromTheCluster) {
  Json cluster = sample_cluster();
  cluster["spec"]["headServiceAnnotations"] = {{"lb", "internal"}};
  const Json annotations = {{"lb", "internal"}, {"raycord.io/intent", "abcde:3"}};
  EXPECT_EQ(head_service(cluster)["metadata"]["annotations"], annotations);
}

TEST(HeadService, KeepsNameTypeAndPortsOfTheUser) {
  Json cluster = sample_cluster();
  cluster["spec"]["headServiceAnnotations"] = {{"both", "spec"}};
  cluster["spec"]["headGroupSpec"]["headService"] = Json::parse(R"({
    "metadata": {"name": "my-head", "namespace": "other", "creationTimestamp": null,
                 "labels": {"team": "a", "ray.io/cluster": "x"},
                 "annotations": {"mine": "1", "both": "service", "raycord.io/intent": "x:1"}},
    "spec": {"type": "LoadBalancer", "selector": {"a": "b"}, "loadBalancerClass": "fast",
             "ports": [{"name": "zeta", "port": 1234}, {"name": "api", "port": 8265}]},
    "status": {"loadBalancer": {}}})");
  const Json service = head_service(cluster);
  EXPECT_EQ(service["metadata"]["name"], "my-head");
  EXPECT_EQ(service["metadata"]["namespace"], "ns1");
  EXPECT_EQ(service["metadata"]["labels"]["team"], "a");
  EXPECT_EQ(service["metadata"]["labels"]["ray.io/cluster"], "rc");
  EXPECT_EQ(service["metadata"]["annotations"],
            (Json{{"mine", "1"}, {"both", "spec"}, {"raycord.io/intent", "abcde:3"}}));
  EXPECT_EQ(service["spec"]["type"], "LoadBalancer");
  EXPECT_EQ(service["spec"]["loadBalancerClass"], "fast");
  EXPECT_FALSE(service["spec"]["selector"].contains("a"));
  EXPECT_FALSE(service["spec"].contains("publishNotReadyAddresses"));
  EXPECT_FALSE(service.contains("status"));
  // The dashboard's number is taken by the user's "api", so it is not added twice.
  EXPECT_EQ(ports_of(service), (Ports{"api 8265", "client 10001", "gcs-server 6379", "metrics 8080",
                                      "serve 8000", "zeta 1234"}));
}

TEST(HeadlessService, NamesTheWorkers) {
  const Json service = parsed(build_headless_worker_service(sample_cluster().dump(), "abcde:6"));
  EXPECT_EQ(service["metadata"]["name"], "rc-headless");
  EXPECT_EQ(service["metadata"]["labels"], (Json{{"ray.io/headless-worker-svc", "rc"}}));
  EXPECT_EQ(service["spec"], Json::parse(R"({
    "type": "ClusterIP", "clusterIP": "None", "publishNotReadyAddresses": true,
    "selector": {"ray.io/cluster": "rc", "ray.io/node-type": "worker"}})"));
}

TEST(ClusterServeService, SelectsAllPodsOfTheCluster) {
  const Json service = parsed(build_cluster_serve_service(sample_cluster().dump(), "abcde:7"));
  EXPECT_EQ(service["metadata"]["name"], "rc-serve-svc");
  EXPECT_EQ(service["spec"]["selector"], (Json{{"ray.io/cluster", "rc"}}));
  EXPECT_EQ(ports_of(service), (Ports{"serve 8000"}));
  EXPECT_EQ(service["metadata"]["labels"]["ray.io/serve"], "rc-serve");
  EXPECT_EQ(service["metadata"]["labels"]["ray.io/originated-from-crd"], "RayCluster");
}

TEST(BackendService, SelectsThePodsThatServe) {
  const Json service = parsed(build_backend_service(sample_service().dump(),
                                                    sample_cluster_of_service().dump(), "abcde:7"));
  EXPECT_EQ(service["metadata"]["name"], "rc-serve-svc");
  EXPECT_EQ(service["metadata"]["ownerReferences"][0]["kind"], "RayCluster");
  EXPECT_EQ(service["spec"]["selector"],
            (Json{{"ray.io/cluster", "rc"}, {"ray.io/serve", "true"}}));
  EXPECT_EQ(ports_of(service), (Ports{"serve 8000"}));
  EXPECT_EQ(service["metadata"]["labels"], Json::parse(R"({"ray.io/serve": "rc-serve",
    "ray.io/originated-from-cr-name": "rc", "ray.io/originated-from-crd": "RayService"})"));
}

TEST(ServiceHeadService, PointsToTheClusterAndBelongsToTheService) {
  const Json service = service_head_service(sample_service(), sample_cluster_of_service());
  EXPECT_EQ(service["metadata"]["name"], "llm-head-svc");
  EXPECT_EQ(service["metadata"]["ownerReferences"][0]["kind"], "RayService");
  EXPECT_EQ(service["metadata"]["ownerReferences"][0]["uid"], "uid-of-llm");
  EXPECT_EQ(service["metadata"]["labels"], Json::parse(R"({
    "ray.io/identifier": "llm-head", "ray.io/node-type": "head",
    "ray.io/originated-from-cr-name": "llm", "ray.io/originated-from-crd": "RayService"})"));
  EXPECT_EQ(service["spec"]["selector"]["ray.io/cluster"], "rc");
  EXPECT_EQ(service["spec"]["publishNotReadyAddresses"], true);
  EXPECT_EQ(ports_of(service), kDefaultPorts);
}

TEST(ServiceHeadService, LeavesAnnotationsForTheClustersOwnService) {
  Json cluster = sample_cluster_of_service();
  cluster["spec"]["headServiceAnnotations"] = {{"dns", "head.example.com"}};
  EXPECT_EQ(service_head_service(sample_service(), cluster)["metadata"]["annotations"],
            (Json{{"raycord.io/intent", "abcde:4"}}));
}

TEST(ServeService, SelectsServingPodsOfTheCluster) {
  const Json service = serve_service(sample_service(), sample_cluster_of_service());
  EXPECT_EQ(service["metadata"]["name"], "llm-serve-svc");
  EXPECT_EQ(service["metadata"]["labels"], Json::parse(R"({
    "ray.io/serve": "llm-serve",
    "ray.io/originated-from-cr-name": "llm", "ray.io/originated-from-crd": "RayService"})"));
  EXPECT_EQ(service["spec"]["selector"],
            (Json{{"ray.io/cluster", "rc"}, {"ray.io/serve", "true"}}));
  EXPECT_EQ(service["spec"]["ports"], Json::parse(R"([{"name": "serve", "port": 8000}])"));
}

TEST(ServeService, HasEveryPortNamedAfterServe) {
  EXPECT_EQ(ports_of(serve_service(sample_service(),
                                   with_ports(R"([{"name": "serve-grpc", "containerPort": 9001},
                                                  {"name": "serve", "containerPort": 9000},
                                                  {"name": "served", "containerPort": 1}])"))),
            (Ports{"serve 9000", "serve-grpc 9001"}));
}

TEST(ServeService, TakesItsTypeFromTheServicesOwnConfig) {
  Json service = sample_service();
  service["spec"]["rayClusterConfig"]["headGroupSpec"]["serviceType"] = "NodePort";
  EXPECT_EQ(serve_service(service, sample_cluster_of_service())["spec"]["type"], "NodePort");
}

TEST(ServeService, OfTheUserKeepsWhatIsNotOurs) {
  Json service = sample_service();
  service["spec"]["serveService"] = Json::parse(R"({
    "metadata": {"name": "custom", "namespace": "x", "labels": {"team": "a", "ray.io/serve": "x"},
                 "annotations": {"x/y": "z"}},
    "spec": {"type": "NodePort", "selector": {"a": "b"}, "sessionAffinity": "ClientIP",
             "ports": [{"name": "serve", "port": 9000, "targetPort": 8000, "appProtocol": "http"},
                       {"name": "other", "port": 9001}]}})");
  const Json built = serve_service(service, sample_cluster_of_service());
  EXPECT_EQ(built["metadata"]["name"], "custom");
  EXPECT_EQ(built["metadata"]["namespace"], "ns1");
  EXPECT_EQ(built["metadata"]["labels"]["team"], "a");
  EXPECT_EQ(built["metadata"]["labels"]["ray.io/serve"], "llm-serve");
  EXPECT_EQ(built["metadata"]["annotations"]["x/y"], "z");
  EXPECT_EQ(built["spec"]["sessionAffinity"], "ClientIP");
  EXPECT_EQ(built["spec"]["selector"], (Json{{"ray.io/cluster", "rc"}, {"ray.io/serve", "true"}}));
  EXPECT_EQ(built["spec"]["ports"],
            Json::parse(
                R"([{"name": "serve", "port": 9000, "targetPort": 8000, "appProtocol": "http"}])"));
}

TEST(ServeService, OfTheUserKeepsItsPortsWhereTheHeadNamesNone) {
  Json service = sample_service();
  service["spec"]["serveService"]["spec"]["ports"] = {{{"name", "web"}, {"port", 80}}};
  const Json cluster = with_ports(R"([{"name": "dashboard", "containerPort": 8265}])");
  EXPECT_EQ(ports_of(serve_service(service, cluster)), (Ports{"web 80"}));
}

TEST(ServeService, SaysWhichPortIsMissing) {
  const Json cluster = with_ports(R"([{"name": "dashboard", "containerPort": 8265}])");
  EXPECT_THAT(serve_service(sample_service(), cluster)["failure"],
              HasSubstr("spec.headGroupSpec.template.spec.containers[0].ports has no port named "
                        "serve"));
  EXPECT_THAT(parsed(build_cluster_serve_service(cluster.dump(), ""))["failure"],
              HasSubstr("has no port named serve"));
}

}  // namespace
}  // namespace raycord::test

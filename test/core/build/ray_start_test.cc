#include "core/build/ray_start.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string start_of_worker(const Json& cluster) {
  return env_of(worker_pod(cluster)["spec"]["containers"][0], "KUBERAY_GEN_RAY_START_CMD");
}

Json with_resources(const char* resources) {
  Json cluster = sample_cluster();
  worker_container(cluster)["resources"] = Json::parse(resources);
  return cluster;
}

TEST(RayStart, KeepsWhatTheUserSetDespiteLimits) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"] = {{"num-cpus", "0"}};
  EXPECT_THAT(start_of_worker(cluster), HasSubstr(" --num-cpus=0 "));
}

TEST(RayStart, RoundsCpusUpAndPrefersTheLimit) {
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"cpu": "500m"}})")),
              HasSubstr(" --num-cpus=1 "));
  EXPECT_THAT(start_of_worker(with_resources(R"({"requests": {"cpu": "1500m"}})")),
              HasSubstr(" --num-cpus=2 "));
  EXPECT_THAT(
      start_of_worker(with_resources(R"({"limits": {"cpu": "3"}, "requests": {"cpu": "1"}})")),
      HasSubstr(" --num-cpus=3 "));
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"cpu": 4}})")),
              HasSubstr(" --num-cpus=4 "));
}

TEST(RayStart, TakesMemoryFromTheLimitOnly) {
  EXPECT_THAT(start_of_worker(with_resources(R"({"requests": {"memory": "2Gi"}})")),
              Not(HasSubstr("--memory")));
}

TEST(RayStart, CountsGpusAndSlicesOfThem) {
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"nvidia.com/gpu": "1"}})")),
              HasSubstr(" --num-gpus=1 "));
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"nvidia.com/mig-1g.5gb": "2"}})")),
              HasSubstr(" --num-gpus=2 "));
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"nvidia.com/mig-1g.gb": "2"}})")),
              Not(HasSubstr("num-gpus")));
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"amd.com/gpu": "0",
                                                            "nvidia.com/gpu": "3"}})")),
              HasSubstr(" --num-gpus=3 "));
}

TEST(RayStart, NamesOtherAcceleratorsAsResources) {
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"google.com/tpu": "4"}})")),
              HasSubstr(" --resources='{\"TPU\":4}' "));
  EXPECT_THAT(start_of_worker(with_resources(R"({"limits": {"aws.amazon.com/neuroncore": "2",
                                                            "google.com/tpu": "4"}})")),
              HasSubstr(" --resources='{\"neuron_cores\":2}' "));
}

TEST(RayStart, AddsAnAcceleratorToTheUsersResources) {
  Json cluster = with_resources(R"({"limits": {"google.com/tpu": "4", "nvidia.com/gpu": "1"}})");
  Json& params = cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"];
  params = {{"resources", "'{\"a\": 0.5, \"b\": 2}'"}};
  EXPECT_THAT(start_of_worker(cluster), HasSubstr(" --resources='{\"TPU\":4,\"a\":0.5,\"b\":2}' "));
  params = {{"resources", "'{\"TPU\": 8}'"}};
  EXPECT_THAT(start_of_worker(cluster), HasSubstr(" --resources='{\"TPU\": 8}' "));
  EXPECT_THAT(start_of_worker(cluster), HasSubstr("--num-gpus=1"));
}

TEST(RayStart, LeavesUnreadableResourcesAloneAltogether) {
  Json cluster = with_resources(R"({"limits": {"nvidia.com/gpu": "1"}})");
  cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"] = {{"resources", "'{a: 1}'"}};
  EXPECT_THAT(start_of_worker(cluster), HasSubstr(" --resources='{a: 1}' "));
  EXPECT_THAT(start_of_worker(cluster), Not(HasSubstr("num-gpus")));
}

TEST(RayStart, SpeaksOfTheGroupsLogicalResources) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["resources"] = {
      {"cpu", "4"}, {"memory", "1Gi"}, {"GPU", "1"}, {"custom", "2"}, {"half", "500m"}};
  const std::string start = start_of_worker(cluster);
  EXPECT_THAT(start, HasSubstr(" --num-cpus=4 "));
  EXPECT_THAT(start, HasSubstr(" --memory=1073741824 "));
  EXPECT_THAT(start, HasSubstr(" --num-gpus=1 "));
  EXPECT_THAT(start, HasSubstr(" --resources='{\"custom\":2,\"half\":0.5}' "));
}

TEST(RayStart, PassesTheGroupsLabelsToRay) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["labels"] = {{"zone", "a"}, {"tier", "hot"}};
  EXPECT_THAT(start_of_worker(cluster), HasSubstr(" --labels=tier=hot,zone=a "));
  EXPECT_EQ(worker_pod(cluster)["metadata"]["labels"]["zone"], "a");
}

TEST(RayStart, WritesFlagsWithoutAValue) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"] = {{"no-redirect-output", "TRUE"},
                                                              {"disable-usage-stats", "false"},
                                                              {"include-dashboard", "false"},
                                                              {"log-color", "True"},
                                                              {"block", "false"}};
  EXPECT_EQ(start_of_worker(cluster),
            "ray start  --address=rc-head-svc.ns1.svc.cluster.local:6379  --block  "
            "--dashboard-agent-listen-port=52365  --include-dashboard=false  --log-color=True  "
            "--memory=2147483648  --metrics-export-port=8080  --no-redirect-output  --num-cpus=1 ");
}

TEST(RayStart, KeepsTheUsersAddressPortsAndHost) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"] = {
      {"address", "else:1"}, {"metrics-export-port", "9"}, {"dashboard-agent-listen-port", "7"}};
  const std::string start = start_of_worker(cluster);
  EXPECT_THAT(start, HasSubstr("--address=else:1 "));
  EXPECT_THAT(start, HasSubstr("--metrics-export-port=9 "));
  EXPECT_THAT(start, HasSubstr("--dashboard-agent-listen-port=7 "));
  EXPECT_THAT(start, Not(HasSubstr("dashboard-host")));
}

}  // namespace
}  // namespace raycord::test

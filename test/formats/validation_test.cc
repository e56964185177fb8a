#include "formats/validation.h"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/manifest.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

using Json = nlohmann::json;
using Validator = Result<Invalid> (*)(std::string_view);

struct Edit {
  const char* pointer;  // Of the field that is set.
  const char* value;    // JSON.
};

Invalid broken(Validator validate, const char* file, const std::vector<Edit>& edits) {
  const auto objects = read_manifest(test_data(file));
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().message);
  if (!objects) return {};
  Json object = Json::parse((*objects)[0]);
  for (const Edit& edit : edits) object[Json::json_pointer(edit.pointer)] = Json::parse(edit.value);
  const auto invalid = validate(object.dump());
  EXPECT_TRUE(invalid) << (invalid ? "" : invalid.error().message);
  return invalid ? *invalid : Invalid{};
}

Invalid service(const std::vector<Edit>& edits) {
  return broken(static_cast<Validator>(&validate_ray_service), "ray_service.yaml", edits);
}

Invalid cluster(const std::vector<Edit>& edits) {
  return broken(static_cast<Validator>(&validate_ray_cluster), "ray_cluster.yaml", edits);
}

Invalid named(Invalid (*kind)(const std::vector<Edit>&), const std::string& name) {
  const std::string value = "\"" + name + "\"";
  return kind({{"/metadata/name", value.c_str()}});
}

Invalid with_timeout(const std::string& text) {
  const std::string value = "\"" + text + "\"";
  return service({{"/metadata/annotations/ray.io~1initializing-timeout", value.c_str()}});
}

TEST(Validation, OurManifestsAreValid) {
  EXPECT_EQ(service({}), Invalid{});
  EXPECT_EQ(cluster({}), Invalid{});
}

TEST(Validation, NamesFitTheNamesMadeOfThem) {
  EXPECT_EQ(named(service, std::string(47, 'a')), Invalid{});
  EXPECT_EQ(named(service, std::string(48, 'a')),
            (Invalid{"InvalidRayServiceMetadata",
                     "metadata.name has 48 characters: at most 47 are allowed"}));
  EXPECT_EQ(named(cluster, std::string(53, 'a')), Invalid{});
  EXPECT_EQ(named(cluster, std::string(54, 'a')).reason, "InvalidRayClusterMetadata");
  for (const char* name : {"9lives", "Upper", "ends-", "dot.ted", "under_score"}) {
    EXPECT_EQ(named(service, name).reason, "InvalidRayServiceMetadata") << name;
  }
}

TEST(Validation, InitializingTimeoutIsAPositiveDuration) {
  for (const char* good : {"1h30m", "1.5h", "30m", "90", "500ms", ""}) {
    EXPECT_EQ(with_timeout(good), Invalid{}) << good;
  }
  for (const char* bad : {"0", "-5m", "-1", "soon", "0s", "5x", "99999999999"}) {
    const Invalid invalid = with_timeout(bad);
    EXPECT_EQ(invalid.reason, "InvalidRayServiceMetadata") << bad;
    EXPECT_NE(invalid.message.find("ray.io/initializing-timeout"), std::string::npos);
  }
  EXPECT_EQ(read_initializing_timeout("500ms"), 1);
  EXPECT_EQ(read_initializing_timeout("90"), 90);
}

TEST(Validation, AFailoverModeNobodyKnowsIsTold) {
  EXPECT_EQ(
      service({{"/metadata/annotations/raycord.io~1failover", "\"Off\""}}),
      (Invalid{"InvalidRayServiceMetadata",
               "metadata.annotations[raycord.io/failover] is \"Off\": enforce, shadow and off "
               "are allowed"}));
}

struct Case {
  std::vector<Edit> edits;
  const char* message;
};

TEST(Validation, TellsTheFirstBrokenRuleOfAService) {
  const Case cases[] = {
      {{{"/spec/rayClusterConfig/authOptions", R"({"mode": "token", "enableK8sTokenAuth": true})"}},
       "spec.rayClusterConfig.authOptions.enableK8sTokenAuth is not allowed for a RayService"},
      {{{"/spec/rayClusterConfig/headGroupSpec", "{}"}},
       "spec.rayClusterConfig.headGroupSpec.template.spec.containers must have at least one "
       "container"},
      {{{"/spec/rayClusterConfig/headGroupSpec/headService", R"({"metadata": {"name": "mine"}})"}},
       "spec.rayClusterConfig.headGroupSpec.headService.metadata.name must be empty: the operator "
       "names the Service"},
      {{{"/spec/upgradeStrategy/type", R"("Sideways")"}},
       "spec.upgradeStrategy.type is \"Sideways\": NewCluster, NewClusterWithIncrementalUpgrade "
       "and "
       "None are allowed"},
      {{{"/spec/upgradeStrategy/type", R"("NewClusterWithIncrementalUpgrade")"}},
       "spec.rayClusterConfig.enableInTreeAutoscaling must be true for "
       "NewClusterWithIncrementalUpgrade: the clusters grow and shrink with their share of the "
       "traffic"},
      {{{"/spec/rayClusterDeletionDelaySeconds", "-1"}},
       "spec.rayClusterDeletionDelaySeconds must not be negative"},
      {{{"/spec/rayClusterConfig/upgradeStrategy", R"({"type": "None"})"}},
       "spec.rayClusterConfig.upgradeStrategy is not allowed for a RayService: use "
       "spec.upgradeStrategy"},
      // Two at once: the strategy is looked at before the delay.
      {{{"/spec/rayClusterDeletionDelaySeconds", "-1"},
        {"/spec/upgradeStrategy/type", R"("Sideways")"}},
       "spec.upgradeStrategy.type is \"Sideways\": NewCluster, NewClusterWithIncrementalUpgrade "
       "and "
       "None are allowed"}};
  for (const Case& each : cases) {
    EXPECT_EQ(service(each.edits), (Invalid{"InvalidRayServiceSpec", each.message}));
  }
}

TEST(Validation, TellsTheFirstBrokenOptionOfIncrementalUpgrades) {
  const std::string where = "spec.upgradeStrategy.clusterUpgradeOptions";
  const std::pair<const char*, std::string> cases[] = {
      {"null", where + " is missing: NewClusterWithIncrementalUpgrade needs it"},
      {R"({"maxSurgePercent": 101, "stepSizePercent": 5})",
       where + ".maxSurgePercent is 101: 0 to 100 is allowed"},
      {R"({"maxSurgePercent": -1, "stepSizePercent": 5})",
       where + ".maxSurgePercent is -1: 0 to 100 is allowed"},
      {R"({"intervalSeconds": 5})", where + ".stepSizePercent is missing: 0 to 100 is allowed"},
      {R"({"stepSizePercent": 101})", where + ".stepSizePercent is 101: 0 to 100 is allowed"},
      {R"({"maxSurgePercent": 10, "stepSizePercent": 20})",
       where + ".stepSizePercent is 20: at most maxSurgePercent, 10, is allowed"},
      {R"({"stepSizePercent": 5, "intervalSeconds": 0})",
       where + ".intervalSeconds must be at least 1"},
      {R"({"stepSizePercent": 5, "intervalSeconds": 1})",
       where + ".gatewayClassName must not be empty"},
      {R"({"stepSizePercent": 5, "intervalSeconds": 1, "gatewayClassName": "istio"})", ""},
      {R"({"stepSizePercent": 0, "maxSurgePercent": 0, "intervalSeconds": 1,
           "gatewayClassName": "istio"})",
       ""}};
  for (const auto& [options, message] : cases) {
    const Invalid invalid =
        service({{"/spec/rayClusterConfig/enableInTreeAutoscaling", "true"},
                 {"/spec/upgradeStrategy/type", R"("NewClusterWithIncrementalUpgrade")"},
                 {"/spec/upgradeStrategy/clusterUpgradeOptions", options}});
    EXPECT_EQ(invalid.message, message) << options;
  }
}

TEST(Validation, TellsTheFirstBrokenRuleOfACluster) {
  const char* head_env = "/spec/headGroupSpec/template/spec/containers/0/env";
  const char* small = "/spec/workerGroupSpecs/0";
  const Case cases[] = {
      {{{"/spec/workerGroupSpecs/0/minReplicas", "6"}},
       "spec.workerGroupSpecs[0].minReplicas is 6 and must not be above maxReplicas, which is 5"},
      {{{"/spec/workerGroupSpecs/0/minReplicas", "-1"}},
       "spec.workerGroupSpecs[0].minReplicas must not be negative"},
      {{{small, R"({"groupName": "small"})"}},
       "spec.workerGroupSpecs[0].template.spec.containers must have at least one container"},
      {{{"/spec/headGroupSpec/resources", R"({"cpu": "2"})"},
        {"/spec/headGroupSpec/rayStartParams/num-cpus", R"("1")"}},
       "spec.headGroupSpec.rayStartParams.num-cpus must not be set together with "
       "spec.headGroupSpec.resources: use one of them"},
      {{{"/spec/headGroupSpec/rayStartParams/labels", R"("a=b")"}},
       "spec.headGroupSpec.rayStartParams.labels is not allowed: use spec.headGroupSpec.labels"},
      {{{"/spec/headGroupSpec/labels", R"({"-bad": "x"})"}},
       "spec.headGroupSpec.labels.-bad: the key is not a qualified name, such as example.com/zone"},
      {{{"/spec/headGroupSpec/labels", R"({"example.com/zone": "-"})"}},
       "spec.headGroupSpec.labels[example.com/zone]: \"-\" is not a label value: at most 63 "
       "letters, "
       "digits, '-', '_' or '.', with a letter or digit at both ends"},
      {{{"/spec/workerGroupSpecs/0/idleTimeoutSeconds", "5"}, {"/spec/autoscalerOptions", "{}"}},
       "spec.workerGroupSpecs[0].idleTimeoutSeconds needs autoscaler v2: set "
       "enableInTreeAutoscaling and autoscalerOptions.version: v2"},
      {{{"/spec/workerGroupSpecs/0/priority", "1"}},
       "spec.workerGroupSpecs[0].priority needs rayVersion 2.56.0 or later and autoscaler v2"},
      {{{"/spec/gcsFaultToleranceOptions", "{}"},
        {"/metadata/annotations/ray.io~1ft-enabled", R"("true")"}},
       "metadata.annotations[ray.io/ft-enabled] must not be set together with "
       "spec.gcsFaultToleranceOptions: use the latter"},
      {{{head_env, R"([{"name": "RAY_REDIS_ADDRESS", "value": "r:6379"}])"}},
       "spec.headGroupSpec.template.spec.containers[0].env has RAY_REDIS_ADDRESS, but fault "
       "tolerance is off: set gcsFaultToleranceOptions"},
      {{{"/spec/gcsFaultToleranceOptions", R"({"backend": "rocksdb"})"}},
       "spec.gcsFaultToleranceOptions.backend is \"rocksdb\": only redis is supported"},
      {{{"/spec/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379", "storage": {}})"}},
       "spec.gcsFaultToleranceOptions.storage is not allowed with Redis: it is of backend rocksdb"},
      {{{head_env, R"([{"name": "REDIS_USERNAME", "value": "u"}])"}},
       "spec.headGroupSpec sets the Redis username, which is not allowed: use "
       "spec.gcsFaultToleranceOptions.redisUsername"},
      {{{"/spec/enableInTreeAutoscaling", "false"},
        {head_env, R"([{"name": "RAY_enable_autoscaler_v2", "value": "1"}])"}},
       "spec.headGroupSpec.template.spec.containers[0].env has RAY_enable_autoscaler_v2, but "
       "enableInTreeAutoscaling is off"},
      {{{"/spec/workerGroupSpecs/1/suspend", "true"}},
       "spec.workerGroupSpecs[1].suspend is not allowed with enableInTreeAutoscaling"},
      {{{"/spec/workerGroupSpecs/0/template/spec/restartPolicy", R"("Always")"}},
       "spec.workerGroupSpecs[0].template.spec.restartPolicy is \"Always\": with autoscaler v2 it "
       "must be unset or Never"},
      {{{"/spec/autoscalerOptions/idleTimeoutSeconds", "-1"}},
       "spec.autoscalerOptions.idleTimeoutSeconds must not be negative"},
      {{{"/spec/autoscalerOptions/env", R"([{"name": "KUBERAY_GEN_AUTOSCALER_START_CMD"}])"}},
       "spec.autoscalerOptions.env must not have KUBERAY_GEN_AUTOSCALER_START_CMD: it is set by "
       "the "
       "operator"},
      {{{"/spec/rayVersion", R"("nightly")"}},
       "spec.rayVersion is \"nightly\": authOptions.mode: token needs 2.52.0 or later"},
      {{{"/spec/rayVersion", R"("2.51.9")"}},
       "spec.rayVersion is \"2.51.9\": authOptions.mode: token needs 2.52.0 or later"},
      {{{"/spec/authOptions", R"({"enableK8sTokenAuth": true})"}},
       "spec.authOptions.enableK8sTokenAuth needs mode: token"},
      {{{"/spec/tlsOptions", "{}"}}, "spec.tlsOptions is not supported"},
      {{{"/spec/upgradeStrategy", R"({"type": "Recreate"})"}},
       "spec.upgradeStrategy is not allowed for a RayCluster made from a RayService"},
      {{{"/metadata/labels", "{}"}, {"/spec/upgradeStrategy", R"({"type": "Sideways"})"}},
       "spec.upgradeStrategy.type is \"Sideways\": Recreate and None are allowed"}};
  for (const Case& each : cases) {
    EXPECT_EQ(cluster(each.edits), (Invalid{"InvalidRayClusterSpec", each.message}));
  }
}

TEST(Validation, AClusterCannotBeSuspendingAndSuspended) {
  EXPECT_EQ(cluster({{"/status/conditions",
                      R"([{"type": "RayClusterSuspending", "status": "True"},
                          {"type": "RayClusterSuspended", "status": "True"}])"}})
                .reason,
            "InvalidRayClusterStatus");
}

TEST(Validation, UnreadableTextIsAnError) {
  EXPECT_FALSE(validate_ray_service("{"));
  EXPECT_FALSE(
      validate_ray_cluster(R"({"metadata": {"name": "x"}, "spec": {"headGroupSpec": 3}})"));
}

}  // namespace
}  // namespace raycord

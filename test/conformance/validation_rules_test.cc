// Each validation rule on the embedded cluster: what a user sees of a manifest that breaks it, and
// that mending the manifest is all that is needed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/conformance/stage.h"
#include "test/formats/validation_cases.h"

namespace raycord {

// For gtest's lists and messages.
void PrintTo(const ValidationCase& each, std::ostream* out) { *out << each.name; }

namespace {

using Json = Stage::Json;

class ValidationRule : public testing::TestWithParam<ValidationCase> {
 protected:
  ValidationRule() {
    if (!is_service()) stage_.use_cluster();
    good_ = stage_.manifest();
    edit(stage_.manifest(), GetParam().edits);
  }

  static bool is_service() { return GetParam().concerns == Concerns::Service; }

  void expect_said() {
    const ValidationCase& each = GetParam();
    const std::string note = stage_.event_note(each.reason());
    stage_.is(stage_.events(each.reason()), 1U, "Events " + each.reason());
    stage_.holds(note.starts_with(each.message), "the Event says the rule: " + note);
    if (!is_service()) return stage_.is(stage_.status(), Json(), "the status");
    stage_.is(stage_.condition("Ready"), "False, ValidationFailed", "Ready");
    for (const Json& condition : Stage::at(stage_.status(), "/conditions")) {
      if (condition["type"] != "Ready") continue;
      stage_.is(Stage::text(condition, "/message"), each.message, "the message of Ready");
    }
  }

  void expect_nothing_made() {
    for (const char* plural : {"pods", "services", "serviceaccounts", "roles", "secrets"}) {
      stage_.is(stage_.items(stage_.home(plural)).size(), 0U, plural);
    }
    stage_.is(stage_.clusters().size(), is_service() ? 0U : 1U, "RayClusters");
  }

  // As `kubectl replace` does it; a bad name can only be replaced by another object.
  void mend() {
    const std::string name = Stage::text(stage_.manifest(), "/metadata/name");
    stage_.manifest() = good_;
    if (Stage::text(good_, "/metadata/name") != name) {
      stage_.holds(stage_.apply(), "the good name is accepted");
      return;
    }
    Json mended = good_;
    const Json live = stage_.object();
    for (const char* key : {"resourceVersion", "finalizers"}) {
      const Json value = Stage::at(live, std::string("/metadata/") + key);
      if (!value.is_null()) mended["metadata"][key] = value;
    }
    const auto answer = stage_.platform().request("PUT", stage_.path(), mended.dump());
    stage_.is(answer.status, 200, "mending the manifest");
  }

  void expect_running() {
    if (is_service()) {
      stage_.within("the mended RayService is Ready",
                    [&] { return stage_.condition("Ready").starts_with("True"); });
    } else {
      stage_.within("the mended RayCluster is ready",
                    [&] { return Stage::text(stage_.status(), "/state") == "ready"; });
    }
  }

  Stage stage_;
  Json good_;
};

TEST_P(ValidationRule, IsToldAndCanBeMended) {
  if (!stage_.apply()) {
    // The definition has the same rule.
    EXPECT_STREQ(GetParam().name, "deletion_delay");
    return;
  }
  stage_.run(10s);
  expect_said();
  expect_nothing_made();
  mend();
  expect_running();
  EXPECT_THAT(stage_.unmet(), testing::IsEmpty());
  EXPECT_THAT(stage_.broken(), testing::IsEmpty());
}

std::string test_name(const testing::TestParamInfo<ValidationCase>& info) {
  const bool service = info.param.concerns == Concerns::Service;
  return std::string(info.param.name) + (service ? "_of_a_service" : "_of_a_cluster");
}

INSTANTIATE_TEST_SUITE_P(Rules, ValidationRule, testing::ValuesIn(all_validation_cases()),
                         test_name);

// The one rule about a status, which no manifest breaks.
TEST(ValidationOfStatus, IsToldAndCanBeMended) {
  Stage stage;
  stage.use_cluster();
  stage.run_cluster();
  const auto show_suspended = [&](const char* suspended) {
    const Json conditions = {{{"type", "RayClusterSuspending"}, {"status", "True"}},
                             {{"type", "RayClusterSuspended"}, {"status", suspended}}};
    return stage.patch(stage.path() + "/status", {{"status", {{"conditions", conditions}}}}).status;
  };
  stage.is(show_suspended("True"), 200, "an impossible status is written");
  stage.run(10s);
  stage.is(stage.events("InvalidRayClusterStatus"), 1U, "Events");
  stage.holds(stage.event_note("InvalidRayClusterStatus")
                  .starts_with("status.conditions has RayClusterSuspending and "
                               "RayClusterSuspended, both True: only one of them is allowed"),
              "the Event says the rule");
  stage.is(stage.pods("rc").size(), 2U, "pods, which are left alone");
  stage.is(show_suspended("False"), 200, "mending the status");
  stage.within("the RayCluster is ready again", [&] {
    return Stage::text(stage.status(), "/state") == "ready" && stage.workers().size() == 1;
  });
  EXPECT_THAT(stage.unmet(), testing::IsEmpty());
  EXPECT_THAT(stage.broken(), testing::IsEmpty());
}

// What is odd and no more: the Event alone, and it runs.
TEST(ValidationOfDoubts, IsToldAndRuns) {
  Stage stage;
  stage.use_cluster();
  stage.spec()["enableInTreeAutoscaling"] = true;
  stage.spec()["autoscalerOptions"] = {{"version", "v1"}};
  stage.group()["template"]["spec"]["restartPolicy"] = "Always";
  stage.run_cluster();
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
  stage.holds(stage.event_note("InvalidRayClusterSpec")
                  .starts_with("spec.workerGroupSpecs[0].template.spec.restartPolicy is "
                               "\"Always\": autoscaler v1 may count a worker that is started "
                               "again twice; use Never"),
              "the Event says what is odd");
  EXPECT_THAT(stage.unmet(), testing::IsEmpty());
  EXPECT_THAT(stage.broken(), testing::IsEmpty());
}

// No rule of validation, since the cluster can run: it waits for a config that can be read.
TEST(ValidationOfServeConfigs, IsToldAndCanBeMended) {
  Stage stage;
  const std::string good = stage.spec()["serveConfigV2"];
  stage.spec()["serveConfigV2"] = "applications: [";
  stage.apply_for(20s);
  stage.is(stage.events("InvalidServeConfig"), 1U, "Events");
  stage.holds(stage.event_note("InvalidServeConfig").starts_with("spec.serveConfigV2: "),
              "the Event says the field");
  stage.is(stage.condition("ServeConfigAccepted"), "False, InvalidServeConfig",
           "ServeConfigAccepted");
  stage.is(stage.puts().size(), 0U, "PUTs");
  stage.spec()["serveConfigV2"] = good;
  stage.run_service();
  EXPECT_THAT(stage.unmet(), testing::IsEmpty());
  EXPECT_THAT(stage.broken(), testing::IsEmpty());
}

}  // namespace
}  // namespace raycord

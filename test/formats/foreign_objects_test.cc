#include "formats/foreign_objects.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

TEST(ForeignObjects, ARayJobHasEndedWhenItsDeploymentHas) {
  const auto job = [](const std::string& status) {
    const auto read =
        read_ray_job(R"({"metadata": {"namespace": "a", "name": "j"}, "status": )" + status + "}");
    EXPECT_TRUE(read);
    return read ? *read : RayJobHead{};
  };
  EXPECT_EQ(job("{}").name, "j");
  EXPECT_FALSE(job("null").ended);
  EXPECT_FALSE(job(R"({"jobDeploymentStatus": "Running"})").ended);
  EXPECT_TRUE(job(R"({"jobDeploymentStatus": "Complete"})").ended);
  EXPECT_TRUE(job(R"({"jobDeploymentStatus": "Failed"})").ended);
}

TEST(ForeignObjects, ADeploymentAsksForOneReplicaUnlessItSaysOtherwise) {
  EXPECT_EQ(read_deployment(R"({"metadata": {"name": "d"}, "spec": {}})")->replicas, 1);
  EXPECT_EQ(read_deployment(R"({"metadata": {"name": "d"}, "spec": {"replicas": 0}})")->replicas,
            0);
}

TEST(ForeignObjects, OnlyWebhooksForRayThatMustAnswerCount) {
  const auto strict = read_strict_webhooks(R"({"metadata": {"name": "hooks"}, "webhooks": [
    {"name": "lenient", "failurePolicy": "Ignore", "rules": [{"apiGroups": ["ray.io"]}]},
    {"name": "others", "failurePolicy": "Fail", "rules": [{"apiGroups": ["apps"]}]},
    {"name": "strict", "failurePolicy": "Fail", "rules": [{"apiGroups": ["apps", "ray.io"]}],
     "clientConfig": {"service": {"namespace": "ns", "name": "svc"}}},
    {"name": "unsaid", "rules": [{"apiGroups": ["ray.io"]}],
     "clientConfig": {"url": "https://elsewhere"}}]})");
  ASSERT_TRUE(strict);
  ASSERT_EQ(strict->size(), 2U);
  EXPECT_EQ(strict->at(0).name, "strict");
  EXPECT_EQ(strict->at(0).service_ns + "/" + strict->at(0).service, "ns/svc");
  EXPECT_EQ(strict->at(1).url, "https://elsewhere");
}

TEST(ForeignObjects, ADefinitionTellsItsVersionsAndWhoWroteIt) {
  const auto read = read_definition(R"({"metadata": {"annotations":
    {"controller-gen.kubebuilder.io/version": "v0.16"}}, "spec": {"versions": [
    {"name": "v1", "served": true, "storage": true},
    {"name": "v1alpha1", "served": false, "storage": false}]}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->served, std::vector<std::string>{"v1"});
  EXPECT_EQ(read->stored, "v1");
  EXPECT_TRUE(read->by_controller_gen);
}

TEST(ForeignObjects, AFieldOfAnotherTypeIsAnErrorThatNamesIt) {
  const auto read = read_deployment(R"({"spec": {"replicas": "many"}})");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("spec.replicas"), std::string::npos);
  EXPECT_FALSE(read_ray_job("nonsense"));
}

}  // namespace
}  // namespace raycord

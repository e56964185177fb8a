// Findings about objects that the embedded cluster does not have: the API server is a script.

#include "operator/adopt_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/credentials.h"
#include "test/adapters/fake_transport.h"

namespace raycord {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string list(const std::string& items) {
  return R"({"kind": "List", "metadata": {"resourceVersion": "7"}, "items": [)" + items + "]}";
}

std::string webhooks(const std::string& configuration, const std::string& service) {
  return R"({"metadata": {"name": ")" + configuration + R"("}, "webhooks": [{"name": "v.ray.io",
    "failurePolicy": "Fail", "rules": [{"apiGroups": ["ray.io"]}],
    "clientConfig": {"service": {"namespace": "ops", "name": ")" +
         service + R"("}}}]})";
}

class FindingsTest : public testing::Test {
 protected:
  void answer(const std::string& part, const std::string& body) { answers_[part] = {200, body}; }
  void refuse(const std::string& part, int status) { answers_[part] = {status, "no"}; }

  // Weight and text, a line each; what has no answer is 404.
  std::string found(std::vector<std::string> namespaces = {}) {
    const KubeApi api("", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{}));
    ClusterReader reader(namespaces, api, transport_);
    Findings findings({namespaces, "ray-system"}, reader, Time{std::chrono::hours(1)});
    findings.ask();
    while (!transport_.open.empty()) {
      const std::string line = transport_.waiting().front();
      asked_ += line + "\n";
      std::pair<int, std::string> reply{404, "none"};
      for (const auto& [part, given] : answers_) {
        if (line.find(part) != std::string::npos) reply = given;
      }
      transport_.reply(line, reply.first, reply.second);
    }
    EXPECT_TRUE(reader.done());
    std::string text;
    for (const Finding& finding : findings.take()) {
      text += std::string(name_of(finding.weight)) + ": " + finding.text + "\n";
    }
    return text;
  }

  FakeTransport transport_;
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::string asked_;
};

TEST_F(FindingsTest, AreNoneWhereNothingOfKubeRayIs) {
  answer("/v1/leases", list(""));
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(asked_, AllOf(Not(HasSubstr("POST")), HasSubstr("/rayjobs?limit=500")));
}

TEST_F(FindingsTest, NameJobsThatStillRun) {
  answer("/rayjobs", list(R"({"metadata": {"namespace": "a", "name": "train"}},
      {"metadata": {"namespace": "a", "name": "done"}, "status":
       {"jobDeploymentStatus": "Complete"}})"));
  answer("/raycronjobs", list(R"({"metadata": {"namespace": "a", "name": "nightly"}})"));
  EXPECT_THAT(found(), AllOf(HasSubstr("breaks: 1 RayJob of KubeRay: a/train."),
                             HasSubstr("note: 1 RayJob that ended"),
                             HasSubstr("breaks: 1 RayCronJob of KubeRay: a/nightly.")));
}

TEST_F(FindingsTest, LookForJobsInTheWatchedNamespacesOnly) {
  found({"a", "b"});
  EXPECT_THAT(asked_, AllOf(HasSubstr("/namespaces/a/rayjobs"), HasSubstr("/namespaces/b/rayjobs"),
                            Not(HasSubstr("v1/rayjobs"))));
}

TEST_F(FindingsTest, FollowPages) {
  answer("/rayjobs?limit=500",
         R"({"kind": "List", "metadata": {"resourceVersion": "7", "continue": "t"},
      "items": [{"metadata": {"namespace": "a", "name": "one"}}]})");
  answer("continue=t", list(R"({"metadata": {"namespace": "a", "name": "two"}})"));
  EXPECT_THAT(found(), HasSubstr("2 RayJobs of KubeRay: a/one, a/two."));
}

TEST_F(FindingsTest, SayWhetherKubeRaysDeploymentAsksForPods) {
  answer("/deployments", list(R"({"metadata": {"namespace": "k", "name": "kuberay-operator"}},
      {"metadata": {"namespace": "l", "name": "other"}, "spec": {"replicas": 0}})"));
  EXPECT_THAT(found(),
              AllOf(HasSubstr("warning: KubeRay's Deployment k/kuberay-operator asks for 1"),
                    HasSubstr("note: KubeRay's Deployment l/other is scaled to zero.")));
}

TEST_F(FindingsTest, StopOnAWebhookThatNobodyAnswers) {
  answer("/validatingwebhookconfigurations", list(webhooks("hooks", "svc")));
  answer("/endpointslices", list(""));
  EXPECT_THAT(found(), AllOf(HasSubstr("breaks: The webhook v.ray.io of hooks"),
                             HasSubstr("no pod behind its Service ops/svc")));
  EXPECT_THAT(asked_, HasSubstr("/namespaces/ops/endpointslices?limit=500&labelSelector="
                                "kubernetes.io%2Fservice-name%3Dsvc"));
}

TEST_F(FindingsTest, StopOnAWebhookThatGoesWithKubeRay) {
  const std::string slice = R"({"metadata": {"namespace": "ops", "name": "s", "uid": "u",
      "resourceVersion": "1", "labels": {"kubernetes.io/service-name": "svc"}},
      "endpoints": [{"conditions": {"ready": true}, "targetRef": {"uid": "p"}}]})";
  answer("/endpointslices", list(slice));
  answer("/mutatingwebhookconfigurations", list(webhooks("kuberay-hooks", "svc")));
  EXPECT_THAT(found(), HasSubstr("is KubeRay's, at ops/svc: once KubeRay is stopped"));
  answer("/mutatingwebhookconfigurations", list(webhooks("policies", "svc")));
  EXPECT_THAT(found(), HasSubstr("note: The webhook v.ray.io of policies"));
}

TEST_F(FindingsTest, TellWhoseDefinitionsThereAre) {
  const std::string versions = R"("spec": {"versions": [{"name": "NAME", "served": true,
      "storage": true}]}})";
  answer("definitions/rayservices.ray.io",
         R"({"metadata": {"annotations": {"controller-gen.kubebuilder.io/version": "v0.16"}}, )" +
             std::string(versions).replace(versions.find("NAME"), 4, "v1"));
  answer("definitions/rayclusters.ray.io",
         "{" + std::string(versions).replace(versions.find("NAME"), 4, "v1alpha1"));
  EXPECT_THAT(found(), AllOf(HasSubstr("note: The definition rayservices.ray.io is KubeRay's"),
                             HasSubstr("breaks: The definition rayclusters.ray.io does not serve "
                                       "v1")));
}

TEST_F(FindingsTest, SayWhatMayNotBeLookedAt) {
  refuse("/deployments", 403);
  refuse("/rayjobs", 403);
  EXPECT_THAT(found(), AllOf(HasSubstr("warning: KubeRay's Deployment could not be looked at"),
                             HasSubstr("warning: RayJobs could not be looked at")));
}

TEST_F(FindingsTest, LookInTheirOwnNamespaceWhereLeasesOfAllAreForbidden) {
  refuse("/v1/leases", 403);
  EXPECT_THAT(found(), HasSubstr("was looked for in namespace ray-system only"));
  EXPECT_THAT(asked_, HasSubstr("/namespaces/ray-system/leases/ray-operator-leader"));
}

}  // namespace
}  // namespace raycord

// The dry run says what the operator then does.

#include "operator/adopt.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/adopt_text.h"
#include "test/operator/adopt_bench.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kNewVersion = R"({"spec": {"rayClusterConfig": {"rayVersion": "2.100.0"}}})";

const ObjectLine* line_of(const AdoptReport& report, Kind kind, const std::string& name) {
  for (const ObjectLine& line : report.objects) {
    if (line.object.kind == kind && line.object.name == name) return &line;
  }
  return nullptr;
}

ObjectLine service_line(const AdoptReport& report) {
  const ObjectLine* line = line_of(report, Kind::RayService, kSample);
  EXPECT_NE(line, nullptr);
  return line == nullptr ? ObjectLine{} : *line;
}

std::string findings_text(const AdoptReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::string(name_of(finding.weight)) + ": " + finding.text + "\n";
  }
  return text;
}

// Objects that something happens to.
std::set<ObjectName> touched(const AdoptReport& report) {
  std::set<ObjectName> names;
  for (const ObjectLine& line : report.objects) {
    const bool left = line.fate == Fate::Kept || line.fate == Fate::Ignored ||
                      (line.fate == Fate::Invalid && line.object.kind != Kind::RayService);
    if (!left) names.insert(line.object);
  }
  return names;
}

std::set<ObjectName> touched(const std::map<ObjectName, std::set<std::string>>& decided) {
  std::set<ObjectName> names;
  for (const auto& [object, effects] : decided) names.insert(object);
  return names;
}

// An upgrade is shown at the RayService that asks for it, though it is its RayCluster that is made.
std::set<ObjectName> without_service(std::set<ObjectName> names) {
  std::erase_if(names, [](const ObjectName& name) { return name.kind == Kind::RayService; });
  return names;
}

class AdoptTest : public testing::Test {
 protected:
  // The operator decides about the same objects as the report told.
  void expect_agreement(const AdoptReport& report) {
    const auto decided = bench_.take_over();
    EXPECT_EQ(without_service(touched(report)), without_service(touched(decided)));
  }

  std::string cluster() {
    return bench_.list(kRay, "rayclusters").at(0)["metadata"].value("name", "");
  }

  AdoptBench bench_;
};

TEST_F(AdoptTest, FindsNothingToRestartInWhatIsAsItShouldBe) {
  const AdoptReport report = bench_.report();
  EXPECT_FALSE(report.breaks()) << adopt_text(report, 0);
  EXPECT_EQ(service_line(report).fate, Fate::Kept);
  EXPECT_EQ(report.objects.size(), 7U) << adopt_text(report, 0);
  expect_agreement(report);
}

TEST_F(AdoptTest, ChangesNothing) {
  const auto before = bench_.sim().sandbox().resource_version();
  bench_.report();
  EXPECT_EQ(bench_.sim().sandbox().resource_version(), before);
}

TEST_F(AdoptTest, SaysWhichFieldStartsAnUpgrade) {
  bench_.patch_service(kNewVersion);
  const AdoptReport report = bench_.report();
  EXPECT_TRUE(report.breaks());
  EXPECT_EQ(service_line(report).fate, Fate::Upgraded);
  EXPECT_EQ(service_line(report).what,
            "an upgrade starts: spec.rayClusterConfig.rayVersion differs from " + cluster());
  expect_agreement(report);
}

TEST_F(AdoptTest, SaysThatAnUpgradeWaitsForAFinalizerAndStarts) {
  bench_.patch_service(R"({"metadata": {"finalizers": null}})");
  bench_.patch_service(kNewVersion);
  const AdoptReport report = bench_.report();
  EXPECT_EQ(service_line(report).fate, Fate::Upgraded) << adopt_text(report, 0);
  expect_agreement(report);
}

TEST_F(AdoptTest, SaysThatTheStrategyKeepsAnUpgradeAway) {
  bench_.patch_service(R"({"spec": {"upgradeStrategy": {"type": "None"}}})");
  bench_.patch_service(kNewVersion);
  const AdoptReport report = bench_.report();
  EXPECT_FALSE(report.breaks()) << adopt_text(report, 0);
  EXPECT_THAT(findings_text(report), HasSubstr("no upgrade starts now"));
  expect_agreement(report);
}

TEST_F(AdoptTest, SaysThatAnAppendedGroupIsAddedInPlace) {
  auto service = bench_.list(kRay, "rayservices").at(0);
  auto groups = service["spec"]["rayClusterConfig"]["workerGroupSpecs"];
  groups.push_back(groups.at(0));
  groups.back()["groupName"] = "another";
  bench_.patch_service(
      nlohmann::json{{"spec", {{"rayClusterConfig", {{"workerGroupSpecs", groups}}}}}}.dump());
  const AdoptReport report = bench_.report();
  const ObjectLine* line = line_of(report, Kind::RayCluster, cluster());
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->fate, Fate::Patched);
  EXPECT_THAT(line->what, HasSubstr("worker groups appended"));
}

TEST_F(AdoptTest, SaysThatAPodOrAServiceThatIsMissingIsMade) {
  std::string worker;
  for (const auto& pod : bench_.list(kCore, "pods")) {
    const std::string name = pod["metadata"].value("name", "");
    if (name.find("worker") != std::string::npos) worker = name;
  }
  bench_.sim().request("DELETE", std::string(kCore) + "pods/" + worker);
  bench_.sim().request("DELETE", std::string(kCore) + "services/" + kSample + "-head-svc");
  bench_.sim().run_for(std::chrono::seconds(2));
  const AdoptReport report = bench_.report();
  EXPECT_TRUE(report.breaks());
  const ObjectLine* line = line_of(report, Kind::Service, std::string(kSample) + "-head-svc");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->fate, Fate::Created);
  EXPECT_EQ(line_of(report, Kind::Pod, worker), nullptr);
  expect_agreement(report);
}

TEST_F(AdoptTest, LeavesAloneWhatAnotherControllerManages) {
  bench_.patch_service(R"({"spec": {"managedBy": "kueue.x-k8s.io/multikueue"}})");
  bench_.patch_service(kNewVersion);
  const AdoptReport report = bench_.report();
  EXPECT_FALSE(report.breaks());
  EXPECT_EQ(service_line(report).fate, Fate::Ignored);
  EXPECT_EQ(service_line(report).what, "managedBy kueue.x-k8s.io/multikueue");
  expect_agreement(report);
}

TEST_F(AdoptTest, SaysWhyASpecIsInvalid) {
  bench_.patch_service(R"({"spec": {"upgradeStrategy": {"type": "Sideways"}}})");
  const AdoptReport report = bench_.report();
  EXPECT_TRUE(report.breaks());
  EXPECT_EQ(service_line(report).fate, Fate::Invalid);
  EXPECT_THAT(service_line(report).what, HasSubstr("upgradeStrategy.type"));
  expect_agreement(report);
}

TEST_F(AdoptTest, NamesAnUpgradeUnderWay) {
  bench_.sim().start();
  bench_.patch_service(kNewVersion);
  ASSERT_TRUE(bench_.sim().run_until([&] { return bench_.list(kRay, "rayclusters").size() == 2; },
                                     std::chrono::minutes(1)));
  bench_.sim().stop();
  const AdoptReport report = bench_.report();
  EXPECT_THAT(findings_text(report), HasSubstr("an upgrade is under way, from " + cluster()));
}

TEST_F(AdoptTest, ReadsOnePageAfterTheOther) {
  constexpr int kMore = 2 * static_cast<int>(kListPage) + 1;
  for (int i = 0; i < kMore; ++i) {
    const nlohmann::json cluster = {
        {"apiVersion", "ray.io/v1"},
        {"kind", "RayCluster"},
        {"metadata", {{"name", "one-of-many-" + std::to_string(i)}}},
        {"spec",
         {{"managedBy", "kueue.x-k8s.io/multikueue"},
          {"headGroupSpec",
           {{"rayStartParams", nlohmann::json::object()},
            {"template", {{"spec", {{"containers", {{{"name", "ray"}, {"image", "ray"}}}}}}}}}}}}};
    ASSERT_EQ(
        bench_.sim().request("POST", std::string(kRay) + "rayclusters", cluster.dump()).status,
        201);
  }
  const AdoptReport report = bench_.report();
  EXPECT_FALSE(report.breaks());
  EXPECT_EQ(std::count_if(report.objects.begin(), report.objects.end(),
                          [](const ObjectLine& line) { return line.fate == Fate::Ignored; }),
            kMore);
}

TEST_F(AdoptTest, SaysWhatItMayNotLookAt) {
  bench_.sim().fault("faults", R"({"target": "apiserver", "mode": "error", "code": 403,
                                           "method": "GET", "path": "/api/v1/pods"})");
  const auto report = bench_.look();
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("may not look at Pod"));
}

TEST_F(AdoptTest, GivesUpWhenNobodyAnswers) {
  bench_.sim().fault("faults", R"({"target": "apiserver", "mode": "refuse"})");
  const auto report = bench_.look();
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, Not(IsEmpty()));
}

TEST_F(AdoptTest, PassesOverAMomentOfTrouble) {
  bench_.sim().fault("faults", R"({"target": "apiserver", "mode": "error", "code": 503,
                                           "count": 2})");
  EXPECT_FALSE(bench_.report().breaks());
}

TEST_F(AdoptTest, FindsWhoHoldsKubeRaysLease) {
  const auto lease = [](const std::string& ns, const std::string& renewed) {
    return R"({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
               "metadata": {"name": "ray-operator-leader", "namespace": ")" +
           ns + R"("},
               "spec": {"holderIdentity": "kuberay-1", "leaseDurationSeconds": 15,
                        "renewTime": ")" +
           renewed + R"("}})";
  };
  const std::string path = "/apis/coordination.k8s.io/v1/namespaces/";
  const std::string now = to_rfc3339(bench_.sim().now());
  bench_.sim().request("POST", path + "default/leases", lease("default", now));
  EXPECT_THAT(findings_text(bench_.report()),
              HasSubstr("warning: KubeRay's Lease default/ray-operator-leader is held by "
                        "kuberay-1: Raycord waits"));
  bench_.sim().run_for(std::chrono::seconds(20));
  EXPECT_THAT(findings_text(bench_.report()), HasSubstr("is held by nobody"));
  const std::string later = to_rfc3339(bench_.sim().now());
  bench_.sim().request("POST", path + "kube-system/leases", lease("kube-system", later));
  const AdoptReport report = bench_.report();
  EXPECT_TRUE(report.breaks());
  EXPECT_THAT(findings_text(report), HasSubstr("breaks: KubeRay's Lease kube-system/"));
}

TEST_F(AdoptTest, PrintsATableThatFitsAndJson) {
  bench_.patch_service(kNewVersion);
  AdoptReport report = bench_.report();
  report.cluster = "https://10.0.0.1";
  const std::string text = adopt_text(report, 80);
  EXPECT_THAT(text, HasSubstr("RayService/rayservice-sample"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 84U) << line;  // The sign for "cut" has three bytes.
  }
  const auto json = nlohmann::json::parse(adopt_json(report));
  EXPECT_EQ(json["verdict"], "breaks");
  EXPECT_EQ(json["objects"].at(0)["fate"], "upgraded");
  EXPECT_EQ(json["counts"]["upgraded"], 1);
}

}  // namespace
}  // namespace raycord

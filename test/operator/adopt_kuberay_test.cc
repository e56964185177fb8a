// What the operator would do with what KubeRay 1.7 really left, step by step of its recordings;
// skipped where they are not at hand (RAYCORD_SHARED names the folder).

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/world.h"
#include "formats/object_slice.h"
#include "operator/adopt_report.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

const std::map<std::string, Kind>& recorded_kinds() {
  static const std::map<std::string, Kind> kKinds = {{"rayservices", Kind::RayService},
                                                     {"rayclusters", Kind::RayCluster},
                                                     {"pods", Kind::Pod},
                                                     {"services", Kind::Service},
                                                     {"endpointslices", Kind::EndpointSlice}};
  return kKinds;
}

void expect_no_error(const Result<Object>& object) {
  EXPECT_TRUE(object) << (object ? "" : object.error().message);
}

AdoptReport report_on(const Json& step) {
  const Time now = *from_rfc3339("2100-01-01T00:00:00Z");
  Trial trial({}, now);
  std::vector<Observation> seen;
  std::uint64_t newest = 0;
  for (const auto& [list, kind] : recorded_kinds()) {
    for (const Json& json : step[list]) {
      auto object = slice_object(kind, json.dump());
      expect_no_error(object);
      if (!object) continue;
      newest = std::max(newest, meta_of(*object).version);
      seen.emplace_back(Report{ObjectSeen{std::move(*object)}, json.dump()});
    }
  }
  for (const Kind kind : watched_kinds()) {
    seen.emplace_back(Report{KindListed{kind, newest, {}}, ""});
  }
  trial.see(std::move(seen));
  trial.decide();
  return report_of(trial);
}

// What happens to pods and RayClusters: "created head Pod" is not said, but the kind is.
std::multiset<std::string> ends(const AdoptReport& report) {
  std::multiset<std::string> found;
  for (const ObjectLine& line : report.objects) {
    if (!breaks(line.fate, line.object.kind)) continue;
    found.insert(std::string(name_of(line.fate)) + " " + name_of(line.object.kind));
  }
  return found;
}

Json recorded(const std::string& step) {
  return Json::parse(read_text(fixtures() / "kuberay" / step));
}

TEST(AdoptKubeRay, RestartsNothingOfWhatItLeft) {
  if (fixtures().empty()) GTEST_SKIP() << "no recorded fixtures: set RAYCORD_SHARED";
  // Recorded between the edit and KubeRay's answer to it.
  const std::map<std::string, std::multiset<std::string>> expected = {
      {"zero-downtime-upgrade/2-upgrading.json", {"created RayCluster", "upgraded RayService"}},
  };
  std::size_t steps = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures() / "kuberay")) {
    const auto& path = entry.path();
    if (!entry.is_regular_file() || path.filename() == "timeline.json") continue;
    const std::string name = (path.parent_path().filename() / path.filename()).string();
    const AdoptReport report = report_on(recorded(name));
    const auto known = expected.find(name);
    EXPECT_EQ(ends(report), known == expected.end() ? std::multiset<std::string>{} : known->second)
        << name;
    ++steps;
  }
  EXPECT_GE(steps, 15U);
}

TEST(AdoptKubeRay, SaysThatAHeadPodThatIsMissingIsMade) {
  if (fixtures().empty()) GTEST_SKIP() << "no recorded fixtures: set RAYCORD_SHARED";
  Json step = recorded("zero-downtime-upgrade/1-ready.json");
  auto& pods = step["pods"].get_ref<Json::array_t&>();
  std::erase_if(pods, [](const Json& pod) {
    return pod["metadata"]["labels"]["ray.io/node-type"] == "head";
  });
  EXPECT_EQ(ends(report_on(step)), std::multiset<std::string>{"created Pod"});
}

TEST(AdoptKubeRay, NamesTheClusterOfBeforeASwitch) {
  if (fixtures().empty()) GTEST_SKIP() << "no recorded fixtures: set RAYCORD_SHARED";
  const AdoptReport report = report_on(recorded("zero-downtime-upgrade/3-switched.json"));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_THAT(report.findings.at(0).text, testing::HasSubstr("Raycord deletes it when it has"));
}

}  // namespace
}  // namespace raycord

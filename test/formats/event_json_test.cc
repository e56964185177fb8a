#include "formats/event_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace raycord {
namespace {

Announcement example() {
  Announcement said;
  said.regarding = {Kind::RayService, "prod", "llm"};
  said.uid = "u1";
  said.type = "Normal";
  said.reason = "UpgradeStarted";
  said.action = "Upgrade";
  said.note = "RayCluster x is being prepared (k7xqd:12)";
  said.name = "llm.0123";
  said.seq = {12};
  return said;
}

constexpr Time kNoon{std::chrono::milliseconds(1'772'452'800'042)};

TEST(EventJson, IsAnEventOfTheNewerGroup) {
  const auto event = nlohmann::json::parse(event_json(example(), kNoon, {"k7xqd", "pod-uid"}));
  EXPECT_EQ(event, nlohmann::json::parse(R"json({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "llm.0123", "namespace": "prod",
                 "annotations": {"raycord.io/event": "k7xqd:12"}},
    "eventTime": "2026-03-02T12:00:00.042000Z",
    "reportingController": "raycord-operator", "reportingInstance": "pod-uid",
    "regarding": {"apiVersion": "ray.io/v1", "kind": "RayService", "namespace": "prod",
                  "name": "llm", "uid": "u1"},
    "type": "Normal", "reason": "UpgradeStarted", "action": "Upgrade",
    "note": "RayCluster x is being prepared (k7xqd:12)"
})json"));
}

TEST(EventJson, LeavesOutAnUnknownUid) {
  Announcement said = example();
  said.uid.clear();
  const auto event = nlohmann::json::parse(event_json(said, kNoon, {"k7xqd", "x"}));
  EXPECT_FALSE(event["regarding"].contains("uid"));
}

TEST(EventJson, CutsTheInstanceToWhatIsAccepted) {
  const auto event =
      nlohmann::json::parse(event_json(example(), kNoon, {"k7xqd", std::string(500, 'i')}));
  EXPECT_EQ(event["reportingInstance"].get<std::string>().size(), 128U);
}

TEST(EventJson, IsJsonWhateverTheNoteHolds) {
  Announcement said = example();
  said.note = "bytes \xff and \"quotes\"";
  EXPECT_NO_THROW(nlohmann::json::parse(event_json(said, kNoon, {"k7xqd", "x"})));
}

}  // namespace
}  // namespace raycord

// Which scenarios are played on a real API server as well, and why the others are not.

#include <map>
#include <set>
#include <utility>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Key = std::pair<std::string, int>;

const char* const kApiFaults = "troubles of the API server are the embedded cluster's";
const char* const kNoGateway = "no Gateway API and no gateway controller is there";

const std::map<Key, const char*>& not_played() {
  static const std::map<Key, const char*> kReasons = {
      {{"RayService", 19}, kApiFaults},
      {{"RayService", 57}, "crashes between two requests, which only virtual time can hit"},
      {{"RayService", 63}, kApiFaults},
      {{"RayService", 72}, "needs the embedded cluster's journal; `e2e_proxied` plays it"},
      {{"RayService", 73}, kNoGateway},
      {{"RayService", 74}, kNoGateway},
      {{"RayService", 75}, kNoGateway},
      {{"RayService", 76}, kNoGateway},
      {{"RayService", 77}, kNoGateway},
      {{"RayService", 78}, kNoGateway},
      {{"RayCluster", 32}, kApiFaults},
      {{"RayCluster", 40}, kApiFaults},
      {{"RayCluster", 50}, kApiFaults},
      {{"RayCluster", 70}, kApiFaults},
  };
  return kReasons;
}

// A test holds this against the time that they take.
const std::set<Key>& long_ones() {
  static const std::set<Key> kKeys = {{"RayService", 6},  {"RayService", 26}, {"RayService", 27},
                                      {"RayService", 37}, {"RayService", 38}, {"RayService", 39},
                                      {"RayService", 40}, {"RayService", 41}, {"RayService", 42},
                                      {"RayService", 43}, {"RayService", 44}, {"RayService", 47},
                                      {"RayService", 48}, {"RayService", 56}, {"RayService", 68},
                                      {"RayCluster", 38}, {"RayCluster", 73}};
  return kKeys;
}

}  // namespace

RealRow real_row(const Scenario& scenario) {
  if (scenario.play == nullptr) return {RealStand::NotPlayed, "not implemented"};
  const auto found = not_played().find({scenario.resource, scenario.number});
  if (found != not_played().end()) return {RealStand::NotPlayed, found->second};
  const bool is_long = long_ones().count({scenario.resource, scenario.number}) != 0;
  return {is_long ? RealStand::Long : RealStand::Played, ""};
}

}  // namespace raycord

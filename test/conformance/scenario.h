// The scenarios that the conformance suite plays, and the table that is made of them.
//
// KubeRay v1.7 is what they are held against; what ours does on purpose in another way is said in
// the row, and then the scenario checks our way.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "test/conformance/stage.h"

namespace raycord {

enum class Stand : std::uint8_t {
  Passes,
  Missing,  // A feature is not implemented; played all the same, where it can be.
  Fails,    // A known defect.
  LeftOut,  // Cannot be shown here.
};
const char* name_of(Stand stand);

// The column "ours".
struct Ours {
  Stand stand = Stand::Passes;
  std::string text;
};
inline Ours same() { return {Stand::Passes, "same"}; }
inline Ours different(const std::string& because) {
  return {Stand::Passes, "different: " + because};
}
inline Ours missing(const std::string& feature) { return {Stand::Missing, "missing: " + feature}; }
inline Ours fails(const std::string& defect) { return {Stand::Fails, "defect: " + defect}; }
inline Ours left_out(const std::string& reason) { return {Stand::LeftOut, reason}; }

// How near to the guide's flow it is.
enum class Tag : std::uint8_t { Seed, Core, Plus };
const char* name_of(Tag tag);

struct Scenario {
  int number = 0;
  Tag tag = Tag::Seed;
  const char* title = "";
  void (*play)(Stage&) = nullptr;  // None: nothing to play yet.
  Ours ours;
  std::string resource = {};  // "RayService", "RayCluster".
};

// What takes longer than this in the time of its cluster is long.
inline constexpr Millis kShortScenario{100'000};

// Whether it is played on a real API server too.
enum class RealStand : std::uint8_t { Played, Long, NotPlayed };  // Long: in `make test-long`.
struct RealRow {
  RealStand stand = RealStand::Played;
  std::string reason;  // Why not.
};
RealRow real_row(const Scenario& scenario);

// One function per file of scenarios.
std::vector<Scenario> service_bootstrap();
std::vector<Scenario> service_upgrade();
std::vector<Scenario> service_exceptions();
std::vector<Scenario> service_failover();
std::vector<Scenario> service_services();
std::vector<Scenario> service_cleanup();
std::vector<Scenario> service_validation();
std::vector<Scenario> service_suspension();
std::vector<Scenario> service_incremental();
std::vector<Scenario> cluster_creation();
std::vector<Scenario> cluster_templates();
std::vector<Scenario> cluster_status();
std::vector<Scenario> cluster_lifecycle();
std::vector<Scenario> cluster_autoscaling();
std::vector<Scenario> cluster_deletion();
std::vector<Scenario> cluster_extras();

// In the order of the table: RayService 1 to 80, RayCluster 1 to 80.
const std::vector<Scenario>& all_scenarios();

// What came of one.
struct Finding {
  Stand stand = Stand::Passes;
  std::vector<std::string> unmet;   // What was not as expected.
  std::vector<std::string> broken;  // Promises and replay: never excused.
};
Finding play(const Scenario& scenario, Stage& stage);
// What the scenario's row claims.
Finding claimed(const Scenario& scenario);

// docs/conformance.md, one finding for each scenario.
std::string conformance_page(const std::vector<Finding>& findings);

}  // namespace raycord

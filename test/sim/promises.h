// What the operator promises, checked against the embedded cluster itself after every step.
//
// A checker looks at the API server's objects, not at what the operator believes: that is the
// point. A broken promise is a line of text; the first one per kind is kept.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/frame.h"
#include "test/sim/sim.h"

namespace raycord {

class Promises {
 public:
  explicit Promises(Sim& sim) : sim_(sim) {}

  // To be called after every step, and for every frame.
  void look();
  void note(const Frame& frame);

  // Somebody else deletes this cluster.
  void excuse(const std::string& cluster) { excused_.insert(cluster); }

  const std::vector<std::string>& broken() const { return broken_; }

 private:
  void check_counts(const std::map<std::string, std::vector<std::string>>& clusters);
  void check_traffic(const std::set<std::string>& names, const nlohmann::json& services);
  void check_routes(const std::set<std::string>& names, const nlohmann::json& routes);
  bool is_wanted(const std::string& object);
  void fail(const std::string& what);

  Sim& sim_;
  std::array<std::uint64_t, 3> seen_versions_{};         // Of RayClusters, Services and HTTPRoutes.
  std::map<std::string, std::string> traffic_;           // Serve Service → cluster it pointed to.
  std::map<std::string, std::set<std::string>> routed_;  // HTTPRoute → clusters with a share.
  std::set<std::string> excused_;
  std::set<std::string> kinds_;  // Of promises broken so far.
  std::vector<std::string> broken_;
};

// Replays the whole log of a simulation: the rules of this build decide what was decided, folding
// gives the live state, and each partition folds alone to the same. Lines say what does not.
std::vector<std::string> replay_differences(Sim& sim);

}  // namespace raycord

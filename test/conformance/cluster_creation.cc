#include "test/conformance/scenario.h"
namespace raycord {
static std::vector<Scenario> stubs(int from, int to) {
  std::vector<Scenario> s;
  for (int i = from; i <= to; ++i) s.push_back({i, Tag::Core, "", nullptr, missing("x")});
  return s;
}
std::vector<Scenario> cluster_creation() { return stubs(1, 80); }
std::vector<Scenario> cluster_templates() { return {}; }
std::vector<Scenario> cluster_status() { return {}; }
std::vector<Scenario> cluster_lifecycle() { return {}; }
std::vector<Scenario> cluster_autoscaling() { return {}; }
std::vector<Scenario> cluster_deletion() { return {}; }
std::vector<Scenario> cluster_extras() { return {}; }
}  // namespace raycord

#include "core/fleet_hold.h"

#include <algorithm>
#include <vector>

#include "core/limits.h"

namespace raycord {
namespace {

// As many silent dashboards as make a hold.
std::size_t enough(std::size_t armed) {
  if (armed < 2) return armed + 1;  // One service alone tells nothing about the observer.
  const std::size_t share = armed * kFleetHoldPercent / 100;
  return std::min(armed, std::max<std::size_t>(kFleetHoldCount, share) + 1);
}

// The most dashboards that fell silent within one window.
std::size_t together(std::vector<Time> since) {
  std::sort(since.begin(), since.end());
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < since.size(); ++last) {
    while (since[last] - since[first] > kFleetHoldWindow) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

std::optional<FleetHoldChanged> wanted_hold(const Fleet& fleet) {
  std::size_t armed = 0;
  std::vector<Time> silent;
  for (const auto& [key, dashboard] : fleet.dashboards) {
    if (!dashboard.armed) continue;
    ++armed;
    if (dashboard.silent_since != Time{}) silent.push_back(dashboard.silent_since);
  }
  const std::size_t limit = enough(armed);
  const std::string count =
      std::to_string(silent.size()) + " of " + std::to_string(armed) + " dashboards are silent";
  if (!fleet.held && together(silent) >= limit) {
    return FleetHoldChanged{true, count + ": failovers are held, the operator may be cut off"};
  }
  if (fleet.held && silent.size() < limit) return FleetHoldChanged{false, count};
  return std::nullopt;
}

}  // namespace raycord

// The PUT of a Serve config to the head of a cluster, for the rules that decide one.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/rules.h"

namespace raycord {

// A PUT can be sent: the head is Ready, its dashboard answers, and no PUT before is in doubt.
bool may_be_put_to(const Cluster& cluster);

// The config `config` as the RayService showed it at `from`.
PutServeConfig put_to(const View& view, const Cluster& cluster, Hash config, Seq from,
                      std::optional<std::int32_t> capacity);

// What showed that it is needed.
std::vector<Seq> causes_of_put(const View& view, const Cluster& cluster);

}  // namespace raycord

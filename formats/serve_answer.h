// Slices of what Ray answers to GET /api/serve/applications/.
//
// Statuses, triggers, messages, the hash of each deployed config, and how many proxies are in which
// status. Ids, addresses, times and replicas are left out: they change by themselves.

#pragma once

#include <string>
#include <string_view>

#include "core/objects.h"
#include "core/result.h"

namespace raycord {

// Half of a long message is kept from its start and half from its end, where a traceback has the
// exception.
inline constexpr std::size_t kMessageMax = 4096;

// Messages are cut to kMessageMax; see MessageKeeper for which of them to log.
Result<ServeAnswer> slice_serve_answer(std::string_view body);

// At most kMessageMax bytes, whole characters, with an ellipsis where something was left out.
std::string cut_message(std::string_view message);

}  // namespace raycord

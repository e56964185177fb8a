#include "store/event_log.h"

#include "store/log_reader.h"

namespace raycord {

Result<std::optional<std::string>> EventLog::raw(std::uint32_t object, std::uint64_t seq) const {
  return reader().raw(object, seq);
}

}  // namespace raycord

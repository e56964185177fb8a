#include "adapters/http/read_only_transport.h"

#include <utility>

#include "core/check.h"

namespace raycord {

std::uint64_t ReadOnlyTransport::start(HttpRequest request, HttpListener& listener) {
  CHECK(request.method == "GET");
  CHECK(request.body.empty());
  return transport_.start(std::move(request), listener);
}

}  // namespace raycord

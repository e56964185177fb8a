// What becomes of a request in the sandbox.

#pragma once

#include <cstdint>
#include <variant>

#include "core/time.h"
#include "formats/http.h"

namespace raycord {

struct SandboxOpened {  // A watch stream: its bytes come as chunks.
  std::uint64_t watch = 0;
};
struct SandboxSilence {};  // Never answered; the client's timeout ends it.
struct SandboxBroken {     // No answer, and the client knows at once.
  HttpFailure why = HttpFailure::Refused;
};
struct SandboxLate {  // Done now, answered `after` that time.
  HttpResponse response;
  Millis after{0};
};

using SandboxReply =
    std::variant<HttpResponse, SandboxOpened, SandboxSilence, SandboxBroken, SandboxLate>;

}  // namespace raycord

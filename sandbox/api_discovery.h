// Discovery: which groups, versions and resources there are, and the little OpenAPI that kubectl
// asks for before it writes.

#pragma once

#include <optional>
#include <string>

#include "formats/http.h"

namespace raycord {

// Answers /version, /healthz, /api, /apis, /apis/GROUP[/VERSION], /openapi/… and the access
// reviews; nothing for other paths.
std::optional<HttpResponse> answer_discovery(const HttpRequest& request, const std::string& path);

}  // namespace raycord

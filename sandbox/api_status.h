// What the API server answers when it refuses: a Status object.

#pragma once

#include <optional>
#include <string>

#include "formats/http.h"
#include "sandbox/api_kinds.h"
#include "sandbox/json.h"

namespace raycord {

struct ApiFailure {
  int code = 500;
  std::string reason;
  std::string message;
  Json details;  // Null when there are none.
};

Json status_body(const ApiFailure& failure);
HttpResponse json_response(int code, const Json& body);
HttpResponse failure_response(const ApiFailure& failure);

// The refusals that clients react to, in the API server's words.
ApiFailure not_found(const ApiKind& kind, const std::string& name);
ApiFailure already_exists(const ApiKind& kind, const std::string& name);
ApiFailure object_modified(const ApiKind& kind, const std::string& name);
ApiFailure uid_mismatch(const ApiKind& kind, const std::string& name, const std::string& asked,
                        const std::string& found);
ApiFailure bad_request(std::string message);
ApiFailure expired(std::string message);
ApiFailure unavailable(std::string message);
ApiFailure not_simulated(const std::string& what);

// One field of an object is wrong. `text` is what follows "field: ", e.g. "Required value".
ApiFailure invalid_field(const ApiKind& kind, const std::string& name, const std::string& field,
                         const std::string& reason, const std::string& text);

}  // namespace raycord

#include "sandbox/api_status.h"

#include <utility>

namespace raycord {
namespace {

Json details_of(const ApiKind& kind, const std::string& name) {
  Json details = {{"name", name}, {"kind", kind.plural}};
  if (!kind.served[0].group.empty()) details["group"] = kind.served[0].group;
  return details;
}

}  // namespace

Json status_body(const ApiFailure& failure) {
  Json body = {{"kind", "Status"},    {"apiVersion", "v1"},         {"metadata", Json::object()},
               {"status", "Failure"}, {"message", failure.message}, {"reason", failure.reason},
               {"code", failure.code}};
  if (!failure.details.is_null()) body["details"] = failure.details;
  return body;
}

HttpResponse json_response(int code, const Json& body) {
  // What clients sent may come back in a message, and need not be UTF-8.
  return {code,
          {{"content-type", "application/json"}},
          body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

HttpResponse failure_response(const ApiFailure& failure) {
  HttpResponse response = json_response(failure.code, status_body(failure));
  const std::int64_t wait = number_at(failure.details, {"retryAfterSeconds"}, 0);
  if (wait > 0) response.headers.push_back({"retry-after", std::to_string(wait)});
  return response;
}

ApiFailure not_found(const ApiKind& kind, const std::string& name) {
  return {404, "NotFound", kind.resource() + " \"" + name + "\" not found", details_of(kind, name)};
}

ApiFailure already_exists(const ApiKind& kind, const std::string& name) {
  return {409, "AlreadyExists", kind.resource() + " \"" + name + "\" already exists",
          details_of(kind, name)};
}

ApiFailure object_modified(const ApiKind& kind, const std::string& name) {
  return {409, "Conflict",
          "Operation cannot be fulfilled on " + kind.resource() + " \"" + name +
              "\": the object has been modified; please apply your changes to the latest version "
              "and try again",
          details_of(kind, name)};
}

ApiFailure uid_mismatch(const ApiKind& kind, const std::string& name, const std::string& asked,
                        const std::string& found) {
  return {409, "Conflict",
          "Operation cannot be fulfilled on " + kind.resource() + " \"" + name +
              "\": Precondition failed: UID in precondition: " + asked +
              ", UID in object meta: " + found,
          details_of(kind, name)};
}

ApiFailure bad_request(std::string message) {
  return {400, "BadRequest", std::move(message), nullptr};
}

ApiFailure expired(std::string message) { return {410, "Expired", std::move(message), nullptr}; }

ApiFailure unavailable(std::string message) {
  return {503, "ServiceUnavailable", std::move(message), nullptr};
}

ApiFailure not_simulated(const std::string& what) {
  return {501, "NotImplemented",
          "the sandbox does not do this: " + what + "; try it on a real cluster", nullptr};
}

ApiFailure invalid_field(const ApiKind& kind, const std::string& name, const std::string& field,
                         const std::string& reason, const std::string& text) {
  Json details = details_of(kind, name);
  details["kind"] = kind.kind;
  details["causes"] = Json::array({{{"reason", reason}, {"message", text}, {"field", field}}});
  const std::string group = kind.served[0].group;
  return {422, "Invalid",
          kind.kind + (group.empty() ? "" : "." + group) + " \"" + name +
              "\" is invalid: " + field + ": " + text,
          details};
}

}  // namespace raycord

#include "formats/serve_answer.h"

#include <cmath>
#include <utility>

#include "formats/json_object.h"
#include "formats/serve_config.h"

namespace raycord {
namespace {

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

AppAnswer slice_app(const std::string& name, const JsonObject& from) {
  AppAnswer app;
  app.name = name.empty() ? kDefaultApp : name;
  app.status = from.text("status");
  app.message = cut_message(from.text("message"));
  if (const auto config = from.find("deployed_app_config")) app.config = app_config_hash(*config);
  for (const auto& [deployment, status] : from.object_map("deployments")) {
    app.deployments.push_back({deployment, status.text("status"), status.text("status_trigger"),
                               cut_message(status.text("message"))});
  }
  return app;
}

// Ray shows a number with or without a fraction, or null.
std::optional<std::int32_t> whole_percent(const JsonObject& root) {
  const auto element = root.find("target_capacity");
  if (!element) return std::nullopt;
  double percent = 0;
  if (element->get(percent) != simdjson::SUCCESS || percent < 0 || percent > 100) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(std::lround(percent));
}

}  // namespace

std::string cut_message(std::string_view message) {
  if (message.size() <= kMessageMax) return std::string(message);
  constexpr std::string_view kEllipsis = "\n…\n";
  std::size_t head = (kMessageMax - kEllipsis.size()) / 2;
  std::size_t tail = message.size() - head;
  while (head > 0 && is_inside_character(message[head])) --head;
  while (tail < message.size() && is_inside_character(message[tail])) ++tail;
  std::string cut(message.substr(0, head));
  cut += kEllipsis;
  cut += message.substr(tail);
  return cut;
}

Result<ServeAnswer> slice_serve_answer(std::string_view body) {
  constexpr const char* kWhat = "the answer of the Serve API";
  simdjson::dom::parser parser;
  const auto document = parse_json(parser, body);
  if (!document) {
    return fail(ErrorCode::InvalidInput, std::string(kWhat) + " is " + document.error().message);
  }
  ReadTrouble trouble;
  const JsonObject root(*document, "", trouble);
  ServeAnswer answer;
  for (const auto& [name, app] : root.object_map("applications")) {
    answer.apps.push_back(slice_app(name, app));
  }
  for (const auto& [node, proxy] : root.object_map("proxies")) {
    ++answer.proxies[proxy.text("status")];
  }
  answer.target_capacity = whole_percent(root);
  if (!trouble.text.empty()) {
    return fail(ErrorCode::InvalidInput, std::string(kWhat) + ": " + trouble.text);
  }
  return answer;
}

}  // namespace raycord

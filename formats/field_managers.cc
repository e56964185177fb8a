#include "formats/field_managers.h"

#include "formats/json_object.h"

namespace raycord {

Result<std::vector<StatusWriter>> read_status_writers(std::string_view json) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  if (!element) return fail(element.error());
  ReadTrouble trouble;
  std::vector<StatusWriter> writers;
  for (const JsonObject& entry :
       JsonObject(*element, "", trouble).object("metadata").objects("managedFields")) {
    if (entry.text("subresource") != "status") continue;
    writers.push_back({entry.text("manager"), entry.text("time")});
  }
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, trouble.text);
  return writers;
}

}  // namespace raycord

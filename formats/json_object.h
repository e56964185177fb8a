// JsonObject reads the fields of a JSON object by type and remembers the first one of a wrong type.
//
//   ReadTrouble trouble;
//   const JsonObject root(element, "", trouble);
//   const std::string type = root.object("spec").text("type");   // "" where absent or null
//   if (!trouble.text.empty()) return fail(…);  // "spec.type must be a string, found a number"
//
// A missing field, a null and the field of a missing object are all the same: the fallback. Private
// to formats/: it brings simdjson along.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "core/result.h"
#include "core/time.h"

namespace raycord {

// What was wrong first while reading one document; empty: nothing.
struct ReadTrouble {
  std::string text;
};

class JsonObject {
 public:
  // An object that is not there.
  JsonObject(std::string path, ReadTrouble& trouble) : path_(std::move(path)), trouble_(&trouble) {}

  // `element` must be an object, else that is the trouble and the object is not there.
  JsonObject(simdjson::dom::element element, std::string path, ReadTrouble& trouble);

  bool exists() const { return object_.has_value(); }
  bool has(std::string_view key) const { return find(key).has_value(); }

  // The field, unless it is missing or null.
  std::optional<simdjson::dom::element> find(std::string_view key) const;

  std::string text(std::string_view key) const;
  bool flag(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<std::int32_t> small_integer(std::string_view key) const;
  std::optional<Time> time(std::string_view key) const;  // RFC 3339.
  JsonObject object(std::string_view key) const;
  std::vector<JsonObject> objects(std::string_view key) const;  // An array of objects.
  std::vector<std::string> texts(std::string_view key) const;   // An array of strings.
  std::map<std::string, std::string> text_map(std::string_view key) const;
  std::map<std::string, JsonObject> object_map(std::string_view key) const;

  // A quantity or a port: a string, or a number as its digits.
  std::string text_or_number(std::string_view key) const;

  // Keys in order, without those whose value is null.
  std::vector<std::string> keys() const;

  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;

 private:
  void wrong_type(const std::string& path, const char* wanted,
                  simdjson::dom::element element) const;

  std::optional<simdjson::dom::object> object_;
  std::string path_;
  ReadTrouble* trouble_;
};

// "a number", "an object", …: for messages.
const char* type_name(simdjson::dom::element element);

// Parses `text` into `parser`; the error says what is wrong and, where simdjson knows, no more.
Result<simdjson::dom::element> parse_json(simdjson::dom::parser& parser, std::string_view text);

}  // namespace raycord

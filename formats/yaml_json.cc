#include "formats/yaml_json.h"

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "formats/canonical_json.h"
#include "formats/json_object.h"
#include "formats/yaml_scalar.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

// Thrown inside this file only, through yaml-cpp's parser, which knows no other way out.
struct Stop {
  int line;
  std::string why;
};

std::size_t count_nodes(const Json& value, std::size_t& bytes) {
  if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
  std::size_t count = 1;
  if (value.is_structured()) {
    for (const auto& item : value.items()) {
      bytes += value.is_object() ? item.key().size() : 0;
      count += count_nodes(item.value(), bytes);
    }
  }
  return count;
}

// Builds the tree of one document from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  Json take() { return std::move(root_); }
  int line() const { return line_; }
  int position() const { return position_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    line_ = mark.line + 1;
    position_ = mark.pos;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, nullptr, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool plain = tag == "?" || tag.empty();
    // A quoted "<<" is a key like any other.
    const bool merges = (plain && text == "<<") || tag == "tag:yaml.org,2002:merge";
    add(mark, anchor, plain ? resolved(mark, text) : tagged(mark, tag, text), merges);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{mark.line + 1, "an alias to what contains it"};
    spend(mark, found->second.nodes, found->second.bytes);
    add_spent(mark, 0, found->second.value, false);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::array());
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Json value;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool merges = false;  // The key was "<<".
    std::string key;
    std::set<std::string> own_keys;
    std::vector<Json> merged;  // Maps of "<<", the first one wins.
  };

  struct Anchored {
    Json value;
    std::size_t nodes = 0;
    std::size_t bytes = 0;
  };

  static Json resolved(const YAML::Mark& mark, const std::string& text) {
    if (is_not_finite(text)) throw Stop{mark.line + 1, text + " is a number that JSON lacks"};
    return resolve_plain(text);
  }

  // A quoted scalar, or one with a tag of its own.
  static Json tagged(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
    if (!tag.starts_with(kPrefix)) return text;
    const std::string type = tag.substr(kPrefix.size());
    if (type == "binary") throw Stop{mark.line + 1, "!!binary has no JSON form: write the text"};
    if (type != "int" && type != "float" && type != "bool" && type != "null") return text;
    Json value = resolved(mark, text);
    const bool fits = type == "bool"   ? value.is_boolean()
                      : type == "null" ? value.is_null()
                      : type == "int"  ? value.is_number_integer()
                                       : value.is_number();
    if (!fits) throw Stop{mark.line + 1, "\"" + text + "\" is not of type !!" + type};
    return value;
  }

  void spend(const YAML::Mark& mark, std::size_t nodes, std::size_t bytes) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > kYamlNodesMax || bytes_ > kYamlBytesMax) {
      throw Stop{mark.line + 1, "too large with its aliases copied: at most " +
                                    std::to_string(kYamlNodesMax) + " values and " +
                                    std::to_string(kYamlBytesMax) + " bytes"};
    }
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
    if (levels_.size() >= kYamlDepthMax) {
      throw Stop{mark.line + 1, "nested deeper than " + std::to_string(kYamlDepthMax) + " levels"};
    }
    if (!levels_.empty() && levels_.back().value.is_object() && !levels_.back().has_key) {
      throw Stop{mark.line + 1, "a map or list as a key has no JSON form"};
    }
    spend(mark, 1, 0);
    Level level;
    level.value = std::move(empty);
    level.mark = mark;
    level.anchor = anchor;
    levels_.push_back(std::move(level));
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    for (Json& merged : level.merged) {
      for (auto& [key, value] : merged.get_ref<Json::object_t&>()) {
        level.value.emplace(key, std::move(value));
      }
    }
    add_spent(level.mark, level.anchor, std::move(level.value), false);
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, Json value, bool merges) {
    spend(mark, 1, value.is_string() ? value.get_ref<const std::string&>().size() : 0);
    add_spent(mark, anchor, std::move(value), merges);
  }

  void add_spent(const YAML::Mark& mark, YAML::anchor_t anchor, Json value, bool merges) {
    if (anchor != 0) {
      Anchored kept{value, 0, 0};
      kept.nodes = count_nodes(value, kept.bytes);
      anchors_.insert_or_assign(anchor, std::move(kept));
    }
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (level.value.is_array()) {
      level.value.push_back(std::move(value));
    } else if (!level.has_key) {
      add_key(mark, level, value, merges);
    } else {
      add_field(mark, level, std::move(value));
    }
  }

  static void add_key(const YAML::Mark& mark, Level& level, const Json& value, bool merges) {
    level.has_key = true;
    level.merges = merges;
    if (merges) return;
    const auto key = key_text(value);
    if (!key) throw Stop{mark.line + 1, "a key must be a text, a number or a boolean"};
    if (!level.own_keys.insert(*key).second) {
      throw Stop{mark.line + 1, "the key \"" + *key + "\" stands twice in one map"};
    }
    level.key = *key;
  }

  static void add_field(const YAML::Mark& mark, Level& level, Json value) {
    level.has_key = false;
    if (!level.merges) {
      level.value[level.key] = std::move(value);
      return;
    }
    std::vector<Json> maps;
    if (value.is_array()) {
      for (Json& item : value) maps.push_back(std::move(item));
    } else {
      maps.push_back(std::move(value));
    }
    for (Json& map : maps) {
      if (!map.is_object()) throw Stop{mark.line + 1, "\"<<\" merges maps only"};
      level.merged.push_back(std::move(map));
    }
  }

  Json root_;
  int line_ = 1;
  int position_ = -1;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

Failure failure(int document, int line, const std::string& why) {
  std::string where = document > 1 ? "document " + std::to_string(document) + ", " : "";
  where += "line " + std::to_string(line) + ": ";
  return fail(ErrorCode::InvalidInput, where + why);
}

// The first line of what yaml-cpp says is enough: the rest repeats the place.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<std::vector<YamlDocument>> read_documents(std::string_view text) {
  std::vector<YamlDocument> documents;
  int number = 1;
  int last = -1;  // Where the document before began.
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    for (;; ++number) {
      TreeBuilder builder;
      if (!parser.HandleNextDocument(builder)) return documents;
      // yaml-cpp leaves a stray ',' or ']' unread and would give empty documents for ever.
      if (builder.position() == last) {
        return failure(number - 1, builder.line(), "a value was expected");
      }
      last = builder.position();
      Json content = builder.take();
      if (!content.is_null()) documents.push_back({std::move(content), number, builder.line()});
    }
  } catch (const Stop& stop) {
    return failure(number, stop.line, stop.why);
  } catch (const YAML::Exception& error) {
    return failure(number, error.mark.line + 1, first_line(error.msg));
  }
}

bool has_equal_keys(const simdjson::dom::element& value) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (value.get(object) == simdjson::SUCCESS) {
    std::set<std::string_view> keys;
    for (const simdjson::dom::key_value_pair field : object) {
      if (!keys.insert(field.key).second || has_equal_keys(field.value)) return true;
    }
  } else if (value.get(array) == simdjson::SUCCESS) {
    for (const simdjson::dom::element item : array) {
      if (has_equal_keys(item)) return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<YamlDocument>> read_yaml(std::string_view text) {
  if (text.size() > kYamlBytesMax) {
    return fail(ErrorCode::InvalidInput, "the text has " + std::to_string(text.size()) +
                                             " bytes: at most " + std::to_string(kYamlBytesMax) +
                                             " are read");
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return fail(ErrorCode::InvalidInput, "the text is not UTF-8");
  }
  // JSON is read as JSON, since yaml-cpp knows no surrogate pairs. Where it has a key twice, the
  // YAML reader says on which line.
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && (text[start] == '{' || text[start] == '[')) {
    simdjson::dom::parser parser(kYamlBytesMax);
    simdjson::dom::element root;
    const bool shallow = parser.allocate(kYamlBytesMax, kYamlDepthMax) == simdjson::SUCCESS;
    const auto error = parser.parse(text.data(), text.size()).get(root);
    if (shallow && error == simdjson::SUCCESS && !has_equal_keys(root)) {
      return std::vector<YamlDocument>{{to_json(root), 1, 1}};
    }
  }
  return read_documents(text);
}

}  // namespace raycord

#include "replay/yaml.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace raycord {
namespace {

constexpr std::size_t kIndent = 2;

// Numbers and times of YAML 1.1, and a little more: quotes do no harm.
bool looks_like_number(std::string_view text) {
  constexpr std::string_view kOfNumbers = "0123456789+-._:eETZ ";
  // 2.9.0 and 10.0.0.1 are no numbers, 12:30:00.5 is one.
  const bool versioned =
      std::count(text.begin(), text.end(), '.') > 1 && text.find(':') == std::string_view::npos;
  if (versioned) return false;
  const bool has_digit = text.find_first_of("0123456789") != std::string_view::npos;
  const bool prefixed = text.starts_with("0x") || text.starts_with("0o") || text.starts_with("0b");
  return has_digit && (prefixed || text.find_first_not_of(kOfNumbers) == std::string_view::npos);
}

bool is_word_of_yaml(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kWords[] = {"",    "~", "null", "true", "false", "yes", "no", "on",
                                         "off", "y", "n",    ".inf", ".nan",  "<<",  "="};
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// What a YAML 1.1 reader would not take for this very text.
bool needs_quotes(std::string_view text) {
  if (is_word_of_yaml(text) || looks_like_number(text)) return true;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
  if (kIndicators.find(text.front()) != std::string_view::npos) {
    const bool plain_dash = text.size() > 1 && text.front() == '-' && text[1] != ' ';
    if (!plain_dash) return true;
  }
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) {
    return true;
  }
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool fits_a_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') {
    return false;
  }
  if (text.find(" \n") != std::string_view::npos || text.back() == ' ') return false;
  return std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  });
}

class Writer {
 public:
  std::string take() { return std::move(text_); }

  void write(const JsonTree& json, std::size_t indent) {
    if (json.is_object() && !json.empty()) return write_object(json, indent);
    if (json.is_array() && !json.empty()) return write_list(json, indent);
    text_ += scalar(json, indent) + "\n";
  }

 private:
  static std::string scalar(const JsonTree& json, std::size_t indent) {
    if (json.is_object()) return "{}";
    if (json.is_array()) return "[]";
    if (!json.is_string()) return json.dump();
    const auto& text = json.get_ref<const std::string&>();
    if (!text.empty() && fits_a_block(text)) return block(text, indent);
    return needs_quotes(text) ? quoted(text) : text;
  }

  static std::string quoted(const std::string& text) {
    return JsonTree(text).dump(-1, ' ', false, JsonTree::error_handler_t::replace);
  }

  static std::string block(const std::string& text, std::size_t indent) {
    const bool ends_in_newline = text.back() == '\n';
    const bool keeps_more = ends_in_newline && text.size() > 1 && text[text.size() - 2] == '\n';
    std::string result = keeps_more ? "|+" : ends_in_newline ? "|" : "|-";
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      result += "\n";
      if (end > begin) result += std::string(indent, ' ') + text.substr(begin, end - begin);
      begin = end + 1;
    }
    return result;
  }

  static bool is_block(const JsonTree& json) {
    return (json.is_object() || json.is_array()) && !json.empty();
  }

  void write_object(const JsonTree& json, std::size_t indent) {
    bool first = true;
    for (const auto& [key, value] : json.items()) {
      if (!first || !in_list_) text_ += std::string(indent, ' ');
      first = false;
      in_list_ = false;
      text_ += (needs_quotes(key) ? quoted(key) : key) + ":";
      if (!is_block(value)) {
        text_ += " " + scalar(value, indent + kIndent) + "\n";
        continue;
      }
      text_ += "\n";
      // Lists stand under their key without a further step, as kubectl has it.
      write(value, value.is_array() ? indent : indent + kIndent);
    }
  }

  void write_list(const JsonTree& json, std::size_t indent) {
    bool first = true;
    for (const JsonTree& item : json) {
      if (!first || !in_list_) text_ += std::string(indent, ' ');
      first = false;
      text_ += "- ";
      in_list_ = true;
      write(item, indent + kIndent);
      in_list_ = false;
    }
  }

  std::string text_;
  bool in_list_ = false;  // The next line has begun with "- ".
};

}  // namespace

std::string to_yaml(const JsonTree& json) {
  Writer writer;
  writer.write(json, 0);
  return writer.take();
}

}  // namespace raycord

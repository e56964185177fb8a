#include "core/text.h"

namespace raycord {
namespace {

constexpr std::string_view kEllipsis = "…";

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string one_line(std::string_view text, std::size_t max) {
  std::string line(text.substr(0, max));
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  if (text.size() <= max || max < kEllipsis.size()) return line;
  std::size_t end = max - kEllipsis.size();
  while (end > 0 && continues_character(line[end])) --end;
  line.resize(end);
  line += kEllipsis;
  return line;
}

bool equals_true(std::string_view text) {
  constexpr std::string_view kTrue = "true";
  return text.size() == kTrue.size() &&
         std::equal(text.begin(), text.end(), kTrue.begin(), [](char left, char right) {
           return left == right || left == right - ('a' - 'A');
         });
}

}  // namespace raycord

#include "replay/table.h"

#include <algorithm>
#include <utility>

namespace raycord {
namespace {

// Rows that are looked at before the first one is printed. Later ones that are wider push their
// line, not the table.
constexpr std::size_t kRowsAhead = 500;

constexpr std::size_t kBetween = 2;     // Columns between two cells.
constexpr std::size_t kLeastLast = 16;  // The last cell keeps as much.

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

const char* code_of(Style style) {
  switch (style) {
    case Style::Plain:
      return "";
    case Style::Good:
      return "\033[32m";
    case Style::Bad:
      return "\033[31m";
    case Style::Warning:
      return "\033[33m";
    case Style::Action:
      return "\033[1m";
    case Style::Faint:
      return "\033[2m";
  }
  return "";
}

}  // namespace

std::string styled(const std::string& text, Style style, bool colors) {
  if (!colors || style == Style::Plain) return text;
  return code_of(style) + text + "\033[0m";
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string cut_to(const std::string& text, std::size_t width) {
  if (width == 0 || width_of(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && ++seen == width) break;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return text.substr(0, end) + "…";
}

Table::Table(std::ostream& out, std::vector<std::string> headers, Options options)
    : out_(out), options_(options), widths_(headers.size(), 0) {
  for (std::string& header : headers) headers_.push_back({std::move(header), Style::Plain});
  if (options_.headers) widen(headers_);
}

void Table::add(std::vector<TextCell> row) {
  widen(row);
  waiting_.push_back(std::move(row));
  if (begun_ || waiting_.size() >= kRowsAhead) finish();
}

void Table::finish() {
  if (!begun_ && options_.headers && !waiting_.empty()) print(headers_);
  begun_ = begun_ || !waiting_.empty();
  for (const std::vector<TextCell>& row : waiting_) print(row);
  waiting_.clear();
}

void Table::widen(const std::vector<TextCell>& row) {
  for (std::size_t i = 0; i < row.size() && i < widths_.size(); ++i) {
    widths_[i] = std::max(widths_[i], width_of(row[i].text));
  }
}

void Table::print(const std::vector<TextCell>& row) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    std::string text = row[i].text;
    if (last && options_.width > 0) {
      const std::size_t room = options_.width > used ? options_.width - used : 0;
      text = cut_to(text, std::max(room, kLeastLast));
    }
    out_ << styled(text, row[i].style, options_.colors);
    if (last) break;
    const std::size_t width = width_of(text);
    const std::size_t fill = (widths_[i] > width ? widths_[i] - width : 0) + kBetween;
    out_ << std::string(fill, ' ');
    used += width + fill;
  }
  out_ << '\n';
}

}  // namespace raycord

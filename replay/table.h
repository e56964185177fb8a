// Tables and lines for people: columns as wide as their cells, cut where the terminal ends.
//
//   Table table(out, {"NAME", "WHAT"}, {.width = 100});
//   table.add({{"llm"}, {"is ill", Style::Bad}});
//   table.finish();

#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace raycord {

enum class Style { Plain, Good, Bad, Warning, Action, Faint };

// As a terminal shows it; `colors` off: as it is.
std::string styled(const std::string& text, Style style, bool colors);

// How many characters a text has: what a terminal gives one column each.
std::size_t width_of(std::string_view text);

// The text, or its beginning and "…" in `width` columns.
std::string cut_to(const std::string& text, std::size_t width);

struct TextCell {
  std::string text;
  Style style = Style::Plain;
};

class Table {
 public:
  struct Options {
    std::size_t width = 0;  // Of a whole line; 0: nothing is cut.
    bool colors = false;
    bool headers = true;
  };

  Table(std::ostream& out, std::vector<std::string> headers, Options options);

  void add(std::vector<TextCell> row);
  // Prints what waits: the end, or a pause in what is followed.
  void finish();

 private:
  void widen(const std::vector<TextCell>& row);
  void print(const std::vector<TextCell>& row);

  std::ostream& out_;
  std::vector<TextCell> headers_;
  Options options_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<TextCell>> waiting_;
  bool begun_ = false;
};

}  // namespace raycord

// What we write to: an output that notices when its reader has gone, and a terminal, if it is one.

#pragma once

#include <cstddef>
#include <ostream>
#include <streambuf>
#include <vector>

namespace raycord {

// How wide lines for people are on a terminal that does not say.
inline constexpr std::size_t kDefaultWidth = 100;

struct Terminal {
  bool is_terminal = false;         // Standard output is one.
  bool errors_to_terminal = false;  // Standard error is one: progress may be shown.
  bool colors = false;
  std::size_t width = kDefaultWidth;

  // Where a line for people is cut; 0: nowhere, for who reads a pipe wants all of it.
  std::size_t line_width() const { return is_terminal ? width : 0; }
};

// Of this process. Colours only on a terminal, and not where NO_COLOR is set or TERM is "dumb".
Terminal present_terminal();

// A stream to a file descriptor that keeps the error number of the first failed write.
class DescriptorStream : public std::ostream {
 public:
  explicit DescriptorStream(int descriptor);
  ~DescriptorStream() override;

  int error() const { return buffer_.error; }  // 0: all was written.

 private:
  struct Buffer : std::streambuf {
    explicit Buffer(int to);
    int_type overflow(int_type next) override;
    int sync() override;
    bool write_all();

    int descriptor;
    int error = 0;
    std::vector<char> bytes;
  };

  Buffer buffer_;
};

}  // namespace raycord

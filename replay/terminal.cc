#include "replay/terminal.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

namespace raycord {
namespace {

constexpr std::size_t kBufferBytes = 16 << 10;
constexpr std::size_t kNarrowest = 40;  // Below this cutting would leave nothing to read.

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t columns_of(int descriptor) {
  struct winsize size {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col < kNarrowest ? kNarrowest : size.ws_col;
}

}  // namespace

Terminal present_terminal() {
  Terminal terminal;
  terminal.is_terminal = isatty(STDOUT_FILENO) != 0;
  terminal.errors_to_terminal = isatty(STDERR_FILENO) != 0;
  terminal.colors =
      terminal.is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  if (terminal.is_terminal) terminal.width = columns_of(STDOUT_FILENO);
  return terminal;
}

DescriptorStream::DescriptorStream(int descriptor) : std::ostream(nullptr), buffer_(descriptor) {
  rdbuf(&buffer_);
}

DescriptorStream::~DescriptorStream() { flush(); }

DescriptorStream::Buffer::Buffer(int to) : descriptor(to), bytes(kBufferBytes) {
  setp(bytes.data(), bytes.data() + bytes.size());
}

bool DescriptorStream::Buffer::write_all() {
  const char* next = pbase();
  while (error == 0 && next != pptr()) {
    const ssize_t written = ::write(descriptor, next, static_cast<std::size_t>(pptr() - next));
    if (written >= 0) {
      next += written;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  setp(bytes.data(), bytes.data() + bytes.size());
  return error == 0;
}

DescriptorStream::Buffer::int_type DescriptorStream::Buffer::overflow(int_type next) {
  if (!write_all()) return traits_type::eof();
  if (!traits_type::eq_int_type(next, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(next);
    pbump(1);
  }
  return traits_type::not_eof(next);
}

int DescriptorStream::Buffer::sync() { return write_all() ? 0 : -1; }

}  // namespace raycord

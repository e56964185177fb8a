#include "replay/progress.h"

#include <utility>

#include "core/time.h"
#include "replay/table.h"

namespace raycord {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuietTime{1000};
constexpr milliseconds kBetweenShows{100};
constexpr std::uint64_t kCallsPerLook = 64;  // Asking the clock for each event would cost more.
constexpr std::size_t kBarWidth = 24;

milliseconds steady_now() {
  return std::chrono::duration_cast<milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"KB", "MB", "GB", "TB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::uint64_t tenths = bytes * 10 / 1024;
  std::size_t unit = 0;
  while (tenths >= 10240 && unit + 1 < std::size(kUnits)) {
    tenths /= 1024;
    ++unit;
  }
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + kUnits[unit];
}

Progress::Progress(const Session& session, std::string doing, std::string unit, std::uint64_t total)
    : Progress(session, std::move(doing), std::move(unit), total, steady_now) {}

Progress::Progress(const Session& session, std::string doing, std::string unit, std::uint64_t total,
                   Clock clock)
    : err_(session.err),
      enabled_(session.terminal.errors_to_terminal),
      width_(session.terminal.width),
      doing_(std::move(doing)),
      unit_(std::move(unit)),
      total_(total),
      clock_(std::move(clock)),
      began_(clock_()) {}

Progress::~Progress() {
  if (shown_ > milliseconds(0)) err_ << "\r\033[K" << std::flush;
}

void Progress::at(std::uint64_t done) {
  if (!enabled_ || calls_++ % kCallsPerLook != 0) return;
  const milliseconds now = elapsed();
  if (now < kQuietTime || now - shown_ < kBetweenShows) return;
  shown_ = now;
  show(done, now);
}

void Progress::show(std::uint64_t done, milliseconds elapsed) {
  const std::uint64_t total = total_ > done ? total_ : done;
  if (total == 0) return;
  const std::uint64_t rate = done * 1000 / static_cast<std::uint64_t>(elapsed.count());
  const std::size_t filled = static_cast<std::size_t>(done * kBarWidth / total);
  std::string line = doing_ + " [" + std::string(filled, '=') +
                     std::string(kBarWidth - filled, ' ') + "] " +
                     std::to_string(done * 100 / total) + "% " + with_commas(done) + "/" +
                     with_commas(total) + " " + unit_ + ", " + with_commas(rate) + "/s";
  if (rate > 0) {
    const auto left = std::chrono::seconds((total - done) / rate);
    line += ", " + to_short_text(left) + " left";
  }
  err_ << "\r" << cut_to(line, width_ - 1) << "\033[K" << std::flush;
}

}  // namespace raycord

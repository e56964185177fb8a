#include "replay/log_source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "formats/frame_codec.h"

namespace raycord {
namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Failure no_such_event(const LogSource& log, Seq seq) {
  if (log.last() == 0) return fail(ErrorCode::NotFound, "the log holds no events yet");
  return fail(ErrorCode::NotFound,
              "event " + std::to_string(seq.value) + " is not in the log, which holds events " +
                  std::to_string(log.first()) + " to " + std::to_string(log.last()));
}

// What makes no log of a directory, said before RocksDB says it in its own words.
Outcome check_directory(const std::string& directory) {
  constexpr const char* kHow = "; say --log DIRECTORY or set RAYCORD_LOG";
  std::error_code error;
  const auto status = std::filesystem::status(directory, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail(ErrorCode::NotFound, "there is no directory " + directory + kHow);
  }
  if (error) {
    return fail(ErrorCode::Io, "cannot look at " + directory + ": " + error.message());
  }
  if (!std::filesystem::is_directory(status)) {
    return fail(ErrorCode::InvalidInput, directory + " is not a directory" + kHow);
  }
  const bool has_current = std::filesystem::exists(directory + "/CURRENT", error);
  if (error) {
    return fail(ErrorCode::Io, "cannot look into " + directory + ": " + error.message() +
                                   "; its files are for the user that the operator runs as");
  }
  if (!has_current) {
    return fail(ErrorCode::NotFound, directory + " holds no log" + kHow);
  }
  return Done{};
}

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

Result<std::unique_ptr<LogSource>> LogSource::open(const std::string& directory) {
  if (auto checked = check_directory(directory); !checked) return fail(checked.error());
  auto follower = LogFollower::open({.directory = directory});
  if (!follower) return fail(follower.error());
  std::unique_ptr<LogSource> log(new LogSource);
  log->directory_ = directory;
  log->follower_ = std::move(*follower);
  auto identity = log->reader().identity();
  if (!identity) return fail(identity.error());
  log->identity_ = *identity;
  auto names = read_names(log->reader());
  if (!names) return fail(names.error());
  log->names_ = std::move(*names);
  if (auto read = log->read_edges(); !read) return fail(read.error());
  return log;
}

Outcome LogSource::refresh() {
  if (auto refreshed = follower_->refresh(); !refreshed) return refreshed;
  while (true) {
    auto name = reader().name(names_.size() + 1);
    if (!name) return fail(name.error());
    if (!*name) break;
    if (auto added = names_.add(names_.size() + 1, **name); !added) return added;
  }
  return read_edges();
}

Outcome LogSource::read_edges() {
  auto first = reader().first_seq();
  if (!first) return fail(first.error());
  auto last = reader().last();
  if (!last) return fail(last.error());
  first_ = *first;
  last_ = last->seq;
  return Done{};
}

std::string LogSource::event_text(Seq seq) const {
  return identity_.id.short_form() + ":" + std::to_string(seq.value);
}

std::optional<Seq> LogSource::own_event(const std::string& text) const {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.substr(0, colon) != identity_.id.short_form()) {
    return std::nullopt;
  }
  const auto number = number_in(std::string_view(text).substr(colon + 1));
  if (!number || *number == 0) return std::nullopt;
  return Seq{*number};
}

Result<Seq> LogSource::parse_event(const std::string& text) const {
  const std::size_t colon = text.find(':');
  const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
  const auto number = number_in(digits);
  if (!number || *number == 0) {
    return fail(ErrorCode::InvalidInput,
                "\"" + text + "\" is not an event; say a number like 120, or " + event_text({120}));
  }
  if (colon != std::string::npos && text.substr(0, colon) != identity_.id.short_form()) {
    return fail(ErrorCode::NotFound, "event " + text + " belongs to another log: the one in " +
                                         directory_ + " is " + identity_.id.short_form());
  }
  return Seq{*number};
}

Result<Frame> LogSource::decode(const StoredFrame& stored) const {
  auto frame = decode_frame(stored.payload, {stored.first_seq}, names_);
  if (frame) return frame;
  return fail(frame.error().code,
              "frame at event " + std::to_string(stored.first_seq) + ": " + frame.error().message);
}

Result<FoundEvent> LogSource::event(Seq seq) const {
  auto stored = reader().frame_with(seq.value);
  if (!stored) return fail(stored.error());
  if (!*stored) return no_such_event(*this, seq);
  auto frame = decode(**stored);
  if (!frame) return fail(frame.error());
  FoundEvent found{std::move(*frame), seq};
  found.index = seq.value - found.frame.first.value;
  found.is_decision = found.index >= found.frame.facts.size();
  if (found.is_decision) found.index -= found.frame.facts.size();
  if (found.is_decision && found.index >= found.frame.decisions.size()) {
    return no_such_event(*this, seq);
  }
  return found;
}

Outcome LogSource::visit(std::uint64_t from, const std::function<bool(const Frame&)>& visit) const {
  return visit_decoded(reader(), names_, from,
                       [&](const Frame& frame, const StoredFrame&) { return visit(frame); });
}

Outcome LogSource::visit_touching(std::uint32_t number, std::uint64_t from,
                                  const std::function<bool(const Frame&)>& visit) const {
  // The index knows frames by their first event; `from` may stand within one.
  auto around = reader().frame_with(from);
  if (!around) return fail(around.error());
  auto frames = reader().frames_touching(number, *around ? (*around)->first_seq : from);
  if (!frames) return fail(frames.error());
  for (std::uint64_t first : *frames) {
    auto stored = reader().frame_with(first);
    if (!stored) return fail(stored.error());
    if (!*stored) continue;  // Cut, or not synced yet.
    auto frame = decode(**stored);
    if (!frame) return fail(frame.error());
    if (!visit(*frame)) break;
  }
  return Done{};
}

Result<Seq> LogSource::last_event_at(Time time) const {
  // Time grows with sequence: the frames are halved until one edge is left.
  std::uint64_t low = first_;      // All events before it are at or before `time`.
  std::uint64_t high = last_ + 1;  // All events from it on are after.
  while (low < high) {
    auto stored = reader().frame_with(low + (high - low) / 2);
    if (!stored) return fail(stored.error());
    if (!*stored) {  // In the hole that an accepted loss left: go on below it.
      high = low + (high - low) / 2;
      continue;
    }
    auto frame = decode(**stored);
    if (!frame) return fail(frame.error());
    if (frame->at <= time) {
      low = (*stored)->last_seq() + 1;
    } else {
      high = (*stored)->first_seq;
    }
  }
  return Seq{low > first_ ? low - 1 : 0};
}

std::vector<PartitionName> LogSource::partitions() const {
  std::vector<PartitionName> found;
  for (std::uint32_t number = 1; number <= names_.size(); ++number) {
    if (auto partition = names_.partition(number)) found.push_back(std::move(*partition));
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<Time> parse_time(const std::string& text, Time now) {
  if (auto time = from_rfc3339(text)) return *time;
  std::int64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || end == rest.data() + rest.size() || value < 0) break;
    constexpr std::string_view kUnits = "smhd";
    constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86400};
    const std::size_t unit = kUnits.find(*end);
    if (unit == std::string_view::npos || value > 1'000'000'000) break;
    total += value * kSeconds[unit];
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  if (!text.empty() && rest.empty()) return now - std::chrono::seconds(total);
  return fail(ErrorCode::InvalidInput,
              "\"" + text + "\" is not a time; say 2026-11-23T18:05:33Z, or 15m for that long ago");
}

std::vector<std::string> near_names(const std::string& wanted, std::vector<std::string> known) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  const std::size_t limit = std::max<std::size_t>(2, wanted.size() / 3);
  for (std::string& name : known) {
    const bool inside = !wanted.empty() && name.find(wanted) != std::string::npos;
    const std::size_t far = inside ? 1 : distance(wanted, name);
    if (far <= limit) ranked.emplace_back(far, std::move(name));
  }
  std::sort(ranked.begin(), ranked.end());
  constexpr std::size_t kShown = 3;
  std::vector<std::string> nearest;
  for (auto& [far, name] : ranked) {
    if (nearest.size() < kShown) nearest.push_back(std::move(name));
  }
  return nearest;
}

}  // namespace raycord

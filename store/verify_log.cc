#include "store/verify_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/chain_walk.h"
#include "store/layout.h"

namespace raycord {
namespace {

// Often enough for a progress bar, too seldom to cost anything.
constexpr std::uint64_t kFramesPerProgress = 512;

std::string text_of(std::uint64_t number) { return std::to_string(number); }

Failure damaged(std::string message) { return fail(ErrorCode::Corrupt, std::move(message)); }

// Every number the frame touched must have its entry. Gives how many there are.
Result<std::uint64_t> check_entries(const Columns& columns, const StoredFrame& frame,
                                    std::vector<std::uint32_t> touched) {
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (std::uint32_t number : touched) {
    Result<std::optional<std::string>> entry =
        columns.get(Column::Index, index_key(number, frame.first_seq));
    if (!entry) return fail(entry.error());
    if (!*entry) {
      return damaged("the index misses number " + text_of(number) + " of the frame at event " +
                     text_of(frame.first_seq));
    }
  }
  return touched.size();
}

// Every entry must lead to a frame, but into what was cut, and into what is not synced yet.
Outcome check_index(const Columns& columns, const Verified& verified,
                    std::optional<std::uint64_t> expected_entries) {
  std::uint64_t entries = 0;
  std::unique_ptr<Cursor> cursor = columns.cursor(Column::Index);
  for (cursor->seek(""); cursor->valid(); cursor->next()) {
    std::optional<std::uint64_t> seq = number64_at(cursor->key(), 4);
    if (!seq) return damaged("an index entry has a short key");
    if (*seq <= verified.begin.seq || *seq > verified.end.seq) continue;
    ++entries;
    Result<std::optional<std::string>> frame = columns.get(Column::Frames, frame_key(*seq));
    if (!frame) return fail(frame.error());
    if (!*frame) {
      return damaged("number " + text_of(*number32_at(cursor->key(), 0)) + " is indexed at event " +
                     text_of(*seq) + ", where no frame begins");
    }
  }
  if (Outcome status = cursor->status(); !status) return status;
  if (expected_entries && entries != *expected_entries) {
    return damaged("the index has " + text_of(entries) + " entries, the frames touch " +
                   text_of(*expected_entries));
  }
  return Done{};
}

class Verification {
 public:
  Verification(const Columns& columns, const VerifyOptions& options, ChainWalk walk, LogMark last)
      : columns_(columns), options_(options), walk_(std::move(walk)), last_(last) {
    verified_.begin = walk_.mark();
  }

  Verified run() {
    Outcome outcome = check_frames();
    verified_.end = walk_.mark();
    if (outcome && !verified_.stopped) outcome = check_end();
    if (outcome && !verified_.stopped) {
      outcome = check_index(columns_, verified_,
                            options_.touched ? std::optional(entries_) : std::nullopt);
    }
    if (!outcome) verified_.damage = outcome.error().message;
    return verified_;
  }

 private:
  Outcome check_frames() {
    std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Frames);
    for (cursor->seek(""); cursor->valid(); cursor->next()) {
      Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
      if (!frame) return fail(frame.error());
      if (frame->last_seq() > last_.seq) return Done{};
      if (Outcome step = walk_.step(*frame); !step) return step;
      if (options_.touched) {
        Result<std::uint64_t> entries = check_entries(columns_, *frame, options_.touched(*frame));
        if (!entries) return fail(entries.error());
        entries_ += *entries;
      }
      if (++verified_.frames % kFramesPerProgress != 0 || !options_.progress) continue;
      if (options_.progress(frame->last_seq(), last_.seq)) continue;
      verified_.stopped = true;
      return Done{};
    }
    return cursor->status();
  }

  // The mark in meta was written behind its frame, so the frame must be there.
  Outcome check_end() {
    const LogMark& end = walk_.mark();
    if (end == last_) return Done{};
    if (Outcome follows = check_follows(columns_, end, last_.seq + 1);
        follows && end.chain == last_.chain) {
      return Done{};  // Nothing was appended since a loss was accepted.
    }
    return damaged("the log ends at event " + text_of(end.seq) + ", but event " +
                   text_of(last_.seq) + " was synced");
  }

  const Columns& columns_;
  const VerifyOptions& options_;
  ChainWalk walk_;
  LogMark last_;
  Verified verified_;
  std::uint64_t entries_ = 0;
};

}  // namespace

Result<Verified> verify_log(const Columns& columns, const VerifyOptions& options) {
  Result<LogMark> last = LogReader(columns).last();
  if (!last) return fail(last.error());
  Result<ChainWalk> walk = ChainWalk::from_start(columns);
  if (!walk) return fail(walk.error());
  return Verification(columns, options, std::move(*walk), *last).run();
}

std::string describe(const Verified& verified) {
  std::string events = text_of(verified.frames) + " frames, events " +
                       text_of(verified.begin.seq + 1) + " to " + text_of(verified.end.seq);
  if (verified.damage) {
    return "damaged after event " + text_of(verified.end.seq) + ": " + *verified.damage;
  }
  if (verified.frames == 0) return "intact: no frames";
  return (verified.stopped ? "stopped early, intact so far: " : "intact: ") + events;
}

}  // namespace raycord

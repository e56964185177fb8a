#include "store/chain_walk.h"

#include <limits>
#include <utility>

#include "store/layout.h"

namespace raycord {
namespace {

Failure damaged(std::string message) { return fail(ErrorCode::Corrupt, std::move(message)); }

std::string frame_at(std::uint64_t seq) { return "the frame at event " + std::to_string(seq); }

bool is_name(const Cursor& cursor) {
  return cursor.valid() && cursor.key().substr(0, kMetaNamePrefix.size()) == kMetaNamePrefix;
}

Result<std::uint32_t> number_of_name(const Cursor& cursor) {
  std::optional<std::uint32_t> number = number32_at(cursor.key(), kMetaNamePrefix.size());
  if (!number) return damaged("a name in the column meta has no number");
  return *number;
}

// The newest frame that is readable and lies at least `frames` frames before the end.
Result<std::optional<StoredFrame>> frame_before_tail(const Columns& columns, std::size_t frames) {
  std::unique_ptr<Cursor> cursor = columns.cursor(Column::Frames);
  cursor->seek_at_or_before(frame_key(std::numeric_limits<std::uint64_t>::max()));
  for (; cursor->valid(); cursor->previous()) {
    if (frames > 0) {
      --frames;
      continue;
    }
    Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
    if (frame) return std::optional<StoredFrame>(std::move(*frame));
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return std::optional<StoredFrame>();
}

}  // namespace

Outcome check_follows(const Columns& columns, const LogMark& before, std::uint64_t first_seq) {
  if (first_seq == before.seq + 1) return Done{};
  if (first_seq > before.seq) {
    Cell receipt = receipt_cell(LossReceipt{first_seq, {}, {}, {}});
    Result<std::optional<std::string>> stored = columns.get(Column::Meta, receipt.key);
    if (!stored) return fail(stored.error());
    if (*stored) {
      Result<LossReceipt> loss = decode_loss(receipt.key, **stored);
      if (!loss) return fail(loss.error());
      if (loss->found == before) return Done{};
    }
  }
  return damaged("frames are missing or out of order: after event " + std::to_string(before.seq) +
                 " comes event " + std::to_string(first_seq));
}

Result<ChainWalk> ChainWalk::from_start(const Columns& columns) {
  LogReader reader(columns);
  Result<LogIdentity> identity = reader.identity();
  if (!identity) return fail(identity.error());
  Result<std::vector<CutReceipt>> cuts = reader.cuts();
  if (!cuts) return fail(cuts.error());
  return from(columns, cuts->empty() ? LogMark{0, first_chain(identity->id)} : cuts->back().before);
}

Result<ChainWalk> ChainWalk::from(const Columns& columns, const LogMark& trusted) {
  ChainWalk walk(columns, trusted);
  if (Outcome found = walk.find_names(); !found) return fail(found.error());
  return walk;
}

// Names are dense and given in order, so the first one behind mark_ is found by halving.
Outcome ChainWalk::find_names() {
  name_ = columns_->cursor(Column::Meta);
  name_->seek_at_or_before(name_key(std::numeric_limits<std::uint32_t>::max()));
  std::uint32_t high = 0;
  if (is_name(*name_)) {
    Result<std::uint32_t> number = number_of_name(*name_);
    if (!number) return fail(number.error());
    high = *number;
  }
  std::uint32_t low = 0;  // Numbers up to `low` are given before or at mark_, above `high` later.
  while (low < high) {
    std::uint32_t middle = low + (high - low + 1) / 2;
    Result<std::optional<std::string>> value = columns_->get(Column::Meta, name_key(middle));
    if (!value) return fail(value.error());
    if (!*value) return damaged("name " + std::to_string(middle) + " is missing");
    Result<StoredName> name = decode_name(middle, **value);
    if (!name) return fail(name.error());
    if (name->introduced_by <= mark_.seq) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  names_ = low;
  name_->seek(name_key(names_ + 1));
  return name_->status();
}

Result<std::vector<NewName>> ChainWalk::names_of(const StoredFrame& frame) {
  std::vector<NewName> names;
  for (; is_name(*name_); name_->next()) {
    Result<std::uint32_t> number = number_of_name(*name_);
    if (!number) return fail(number.error());
    Result<StoredName> name = decode_name(*number, name_->value());
    if (!name) return fail(name.error());
    if (name->introduced_by > frame.last_seq()) break;
    auto expected = names_ + static_cast<std::uint32_t>(names.size()) + 1;
    if (*number != expected) return damaged("name " + std::to_string(expected) + " is missing");
    if (name->introduced_by != frame.first_seq) {
      return damaged("name " + std::to_string(*number) + " was given by no frame");
    }
    names.push_back({*number, std::move(name->name)});
  }
  if (Outcome status = name_->status(); !status) return fail(status.error());
  return names;
}

Outcome ChainWalk::step(const StoredFrame& frame) {
  if (Outcome follows = check_follows(*columns_, mark_, frame.first_seq); !follows) return follows;
  Result<std::vector<NewName>> names = names_of(frame);
  if (!names) return fail(names.error());
  FrameBody body{frame.first_seq, frame.count, frame.payload};
  if (chain_after(mark_.chain, body, *names) != frame.chain) {
    return damaged(frame_at(frame.first_seq) +
                   " does not continue the running hash: it, a name it gives, or the frame before "
                   "it was changed");
  }
  mark_ = frame.mark();
  names_ += static_cast<std::uint32_t>(names->size());
  return Done{};
}

Result<LogTail> check_tail(const Columns& columns, std::size_t frames) {
  Result<std::optional<StoredFrame>> before = frame_before_tail(columns, frames);
  if (!before) return fail(before.error());
  Result<ChainWalk> walk =
      *before ? ChainWalk::from(columns, (*before)->mark()) : ChainWalk::from_start(columns);
  if (!walk) return fail(walk.error());
  std::unique_ptr<Cursor> cursor = columns.cursor(Column::Frames);
  for (cursor->seek(frame_key(walk->mark().seq + 1)); cursor->valid(); cursor->next()) {
    Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
    if (!frame && frame.error().code != ErrorCode::Corrupt) return fail(frame.error());
    Outcome step = frame ? walk->step(*frame) : Outcome(fail(frame.error()));
    if (!step) return LogTail{walk->mark(), walk->names(), step.error().message};
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return LogTail{walk->mark(), walk->names(), std::nullopt};
}

}  // namespace raycord

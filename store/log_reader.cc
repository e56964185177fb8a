#include "store/log_reader.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "store/chain_walk.h"
#include "store/layout.h"

namespace raycord {
namespace {

constexpr std::uint64_t kEverything = std::numeric_limits<std::uint64_t>::max();

Failure missing(std::string_view what) {
  return fail(ErrorCode::Corrupt, "the log has no entry '" + std::string(what) +
                                      "' in its column meta: it was not created whole");
}

bool starts_with(const Cursor& cursor, std::string_view prefix) {
  return cursor.valid() && cursor.key().substr(0, prefix.size()) == prefix;
}

Result<std::optional<std::string>> get_meta(const Columns& columns, std::string_view key) {
  return columns.get(Column::Meta, key);
}

}  // namespace

Result<LogIdentity> LogReader::identity() const {
  LogIdentity identity;
  Result<std::optional<std::string>> id = get_meta(columns_, kMetaId);
  if (!id) return fail(id.error());
  if (!*id || (*id)->size() != identity.id.bytes.size()) return missing(kMetaId);
  for (std::size_t i = 0; i < identity.id.bytes.size(); ++i) {
    identity.id.bytes[i] = static_cast<std::uint8_t>((**id)[i]);
  }
  Result<std::optional<std::string>> created = get_meta(columns_, kMetaCreated);
  if (!created) return fail(created.error());
  if (!*created || (*created)->size() != 8) return missing(kMetaCreated);
  identity.created = Time(Millis(static_cast<std::int64_t>(*number64_at(**created, 0))));
  Result<std::optional<std::string>> cluster = get_meta(columns_, kMetaCluster);
  if (!cluster) return fail(cluster.error());
  if (*cluster) identity.cluster = **cluster;
  return identity;
}

Result<LogMark> LogReader::last() const {
  if (show_ == Show::Provisional) {
    std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Frames);
    cursor->seek_at_or_before(frame_key(kEverything));
    if (cursor->valid()) {
      Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
      if (!frame) return fail(frame.error());
      return frame->mark();
    }
    if (Outcome status = cursor->status(); !status) return fail(status.error());
  }
  Result<std::optional<std::string>> mark = get_meta(columns_, kMetaSynced);
  if (!mark) return fail(mark.error());
  if (!*mark) return missing(kMetaSynced);
  return decode_mark(**mark);
}

Result<std::uint64_t> LogReader::first_seq() const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Frames);
  cursor->seek("");
  if (!cursor->valid()) {
    if (Outcome status = cursor->status(); !status) return fail(status.error());
    return mark->seq + 1;
  }
  std::optional<std::uint64_t> first = number64_at(cursor->key(), 0);
  return first && *first <= mark->seq ? *first : mark->seq + 1;
}

Outcome LogReader::visit_frames(std::uint64_t from, const FrameVisitor& visit) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Frames);
  cursor->seek_at_or_before(frame_key(from));
  if (!cursor->valid()) cursor->seek(frame_key(from));
  std::optional<LogMark> before;
  for (; cursor->valid(); cursor->next()) {
    Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
    if (!frame) return fail(frame.error());
    if (frame->last_seq() > mark->seq) break;
    if (before) {
      Outcome follows = check_follows(columns_, *before, frame->first_seq);
      if (!follows) return follows;
    }
    before = frame->mark();
    if (frame->last_seq() >= from && !visit(*frame)) return Done{};
  }
  return cursor->status();
}

Result<std::optional<StoredFrame>> LogReader::frame_with(std::uint64_t seq) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Frames);
  cursor->seek_at_or_before(frame_key(seq));
  if (!cursor->valid()) {
    if (Outcome status = cursor->status(); !status) return fail(status.error());
    return std::optional<StoredFrame>();
  }
  Result<StoredFrame> frame = decode_frame(cursor->key(), cursor->value());
  if (!frame) return fail(frame.error());
  if (frame->last_seq() < seq || frame->last_seq() > mark->seq) return std::optional<StoredFrame>();
  return std::optional<StoredFrame>(std::move(*frame));
}

Result<std::vector<std::uint64_t>> LogReader::frames_touching(std::uint32_t number,
                                                              std::uint64_t from) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::vector<std::uint64_t> frames;
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Index);
  for (cursor->seek(index_key(number, from)); cursor->valid(); cursor->next()) {
    std::optional<std::uint64_t> first_seq = number64_at(cursor->key(), 4);
    if (number32_at(cursor->key(), 0) != number || !first_seq || *first_seq > mark->seq) break;
    frames.push_back(*first_seq);
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return frames;
}

Result<std::optional<std::string>> LogReader::name(std::uint32_t number) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  Result<std::optional<std::string>> value = get_meta(columns_, name_key(number));
  if (!value) return fail(value.error());
  if (!*value) return std::optional<std::string>();
  Result<StoredName> stored = decode_name(number, **value);
  if (!stored) return fail(stored.error());
  if (stored->introduced_by > mark->seq) return std::optional<std::string>();
  return std::optional<std::string>(std::move(stored->name));
}

Result<std::vector<std::string>> LogReader::names() const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::vector<std::string> names;
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Meta);
  cursor->seek(kMetaNamePrefix);
  for (; starts_with(*cursor, kMetaNamePrefix); cursor->next()) {
    auto number = static_cast<std::uint32_t>(names.size() + 1);
    if (number32_at(cursor->key(), kMetaNamePrefix.size()) != number) {
      return fail(ErrorCode::Corrupt, "name " + std::to_string(number) + " is missing");
    }
    Result<StoredName> stored = decode_name(number, cursor->value());
    if (!stored) return fail(stored.error());
    if (stored->introduced_by > mark->seq) break;
    names.push_back(std::move(stored->name));
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return names;
}

Result<std::optional<std::string>> LogReader::raw(std::uint32_t object, std::uint64_t seq) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  if (seq > mark->seq) return std::optional<std::string>();
  return columns_.get(Column::Raw, raw_key(object, seq));
}

Result<std::optional<RawVersion>> LogReader::raw_at(std::uint32_t object, std::uint64_t seq) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Raw);
  cursor->seek_at_or_before(raw_key(object, std::min(seq, mark->seq)));
  if (!cursor->valid()) {
    if (Outcome status = cursor->status(); !status) return fail(status.error());
    return std::optional<RawVersion>();
  }
  std::optional<std::uint64_t> version = number64_at(cursor->key(), 4);
  if (number32_at(cursor->key(), 0) != object || !version) return std::optional<RawVersion>();
  return std::optional<RawVersion>({object, *version, std::string(cursor->value())});
}

Result<std::vector<std::uint64_t>> LogReader::raw_versions(std::uint32_t object) const {
  Result<LogMark> mark = last();
  if (!mark) return fail(mark.error());
  std::vector<std::uint64_t> versions;
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Raw);
  for (cursor->seek(raw_key(object, 0)); cursor->valid(); cursor->next()) {
    std::optional<std::uint64_t> seq = number64_at(cursor->key(), 4);
    if (number32_at(cursor->key(), 0) != object || !seq || *seq > mark->seq) break;
    versions.push_back(*seq);
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return versions;
}

Result<std::optional<Checkpoint>> LogReader::checkpoint(std::uint32_t partition) const {
  Result<std::optional<std::string>> value =
      columns_.get(Column::Checkpoints, checkpoint_key(partition));
  if (!value) return fail(value.error());
  if (!*value) return std::optional<Checkpoint>();
  Result<Checkpoint> checkpoint = decode_checkpoint(**value);
  if (!checkpoint) return fail(checkpoint.error());
  return std::optional<Checkpoint>(std::move(*checkpoint));
}

Result<std::vector<CutReceipt>> LogReader::cuts() const {
  std::vector<CutReceipt> receipts;
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Meta);
  cursor->seek(kMetaCutPrefix);
  for (; starts_with(*cursor, kMetaCutPrefix); cursor->next()) {
    Result<CutReceipt> receipt = decode_cut(cursor->key(), cursor->value());
    if (!receipt) return fail(receipt.error());
    receipts.push_back(*receipt);
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return receipts;
}

Result<std::vector<LossReceipt>> LogReader::losses() const {
  std::vector<LossReceipt> receipts;
  std::unique_ptr<Cursor> cursor = columns_.cursor(Column::Meta);
  cursor->seek(kMetaLossPrefix);
  for (; starts_with(*cursor, kMetaLossPrefix); cursor->next()) {
    Result<LossReceipt> receipt = decode_loss(cursor->key(), cursor->value());
    if (!receipt) return fail(receipt.error());
    receipts.push_back(*receipt);
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return receipts;
}

}  // namespace raycord

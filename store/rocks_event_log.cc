#include "store/rocks_event_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/check.h"
#include "store/disk.h"
#include "store/layout.h"
#include "store/open_checks.h"

namespace raycord {

namespace {

// Everything behind `end`, to be removed when a loss is accepted. Names, index and raw versions are
// not in the order of frames, so they are looked through; this happens once in a log's life.
Result<std::vector<RocksColumns::Range>> ranges_behind(const Columns& columns, std::uint64_t end) {
  std::vector<RocksColumns::Range> ranges = {
      {Column::Frames, frame_key(end + 1), frame_key(UINT64_MAX)}};
  auto add = [&](Column column, std::string_view key) {
    ranges.push_back({column, std::string(key), std::string(key) + '\0'});
  };
  for (Column column : {Column::Index, Column::Raw}) {
    std::unique_ptr<Cursor> cursor = columns.cursor(column);
    for (cursor->seek(""); cursor->valid(); cursor->next()) {
      std::optional<std::uint64_t> seq = number64_at(cursor->key(), 4);
      if (!seq || *seq > end) add(column, cursor->key());
    }
    if (Outcome status = cursor->status(); !status) return fail(status.error());
  }
  std::unique_ptr<Cursor> cursor = columns.cursor(Column::Checkpoints);
  for (cursor->seek(""); cursor->valid(); cursor->next()) {
    Result<Checkpoint> checkpoint = decode_checkpoint(cursor->value());
    if (!checkpoint || checkpoint->seq > end) add(Column::Checkpoints, cursor->key());
  }
  cursor = columns.cursor(Column::Meta);
  for (cursor->seek(kMetaNamePrefix); cursor->valid(); cursor->next()) {
    if (!cursor->key().starts_with(kMetaNamePrefix)) break;
    Result<StoredName> name = decode_name(0, cursor->value());
    if (!name || name->introduced_by > end) add(Column::Meta, cursor->key());
  }
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return ranges;
}

// The highest number that may have been used.
Result<std::uint64_t> highest_number(const Columns& columns, const LogMark& witness) {
  Result<LogMark> synced = LogReader(columns).last();
  if (!synced) return fail(synced.error());
  std::uint64_t highest = std::max(synced->seq, witness.seq);
  std::unique_ptr<Cursor> cursor = columns.cursor(Column::Frames);
  cursor->seek_at_or_before(frame_key(UINT64_MAX));
  if (cursor->valid()) highest = std::max(highest, number64_at(cursor->key(), 0).value_or(0));
  if (Outcome status = cursor->status(); !status) return fail(status.error());
  return highest;
}

struct Opened {
  std::unique_ptr<RocksColumns> columns;
  LogIdentity identity;
  LogTail tail;
  std::optional<Loss> loss;
};

// The log, and what is missing at its end.
Result<Opened> open_and_look(const RocksEventLog::Options& options) {
  Result<std::unique_ptr<RocksColumns>> columns = open_columns(options);
  if (!columns) return fail(columns.error());
  Result<LogIdentity> identity = check_identity(**columns, options.cluster);
  if (!identity) return fail(identity.error());
  Result<LogTail> tail = check_tail(**columns, kTailFramesChecked);
  if (!tail) return fail(tail.error());
  Result<std::optional<Loss>> loss = find_loss(**columns, *tail, options.witness);
  if (!loss) return fail(loss.error());
  return Opened{std::move(*columns), std::move(*identity), *tail, std::move(*loss)};
}

}  // namespace

Result<std::unique_ptr<RocksEventLog>> RocksEventLog::open(const Options& options) {
  Result<Opened> log = open_and_look(options);
  if (!log) return fail(log.error());
  if (log->loss) {
    return fail(ErrorCode::Corrupt, "the log in " + options.directory +
                                        " is not whole: " + log->loss->message +
                                        "; restore it from a backup, or accept the loss with "
                                        "'raycord log accept-loss' and go on with a gap");
  }
  Result<LogMark> mark = resume_mark(*log->columns, log->tail.end);
  if (!mark) return fail(mark.error());
  // RocksDB rewrote what it recovered into synced files, so everything found is on disk.
  Outcome marked = log->columns->put({synced_cell(*mark)}, RocksColumns::Sync::Yes);
  if (!marked) return fail(marked.error());
  if (Outcome placed = place_ballast(options.directory, options.ballast_bytes); !placed) {
    return fail(placed.error());
  }
  return std::unique_ptr<RocksEventLog>(
      new RocksEventLog(std::move(log->columns), log->identity, *mark, log->tail.names));
}

Result<LossReceipt> RocksEventLog::accept_loss(const Options& options) {
  Options existing = options;
  existing.create_if_missing = false;
  Result<Opened> log = open_and_look(existing);
  if (!log) return fail(log.error());
  const LogMark end = log->tail.end;
  if (!log->loss) {
    return fail(ErrorCode::InvalidInput, "nothing is lost in the log in " + options.directory +
                                             ": it ends at event " + std::to_string(end.seq) +
                                             " and is undamaged");
  }
  Result<std::uint64_t> highest = highest_number(*log->columns, log->loss->witness);
  if (!highest) return fail(highest.error());
  Result<std::vector<RocksColumns::Range>> ranges = ranges_behind(*log->columns, end.seq);
  if (!ranges) return fail(ranges.error());
  LossReceipt receipt{*highest + kNumbersSkippedAfterLoss + 1, end, log->loss->witness,
                      options.now};
  LogMark resumed{receipt.resumes - 1, end.chain};
  Outcome written = log->columns->replace(*ranges, {receipt_cell(receipt), synced_cell(resumed)});
  if (!written) return fail(written.error());
  return receipt;
}

RocksEventLog::RocksEventLog(std::unique_ptr<RocksColumns> columns, LogIdentity identity,
                             LogMark mark, std::uint32_t names)
    : columns_(std::move(columns)),
      reader_(*columns_),
      identity_(std::move(identity)),
      order_{mark.seq, names},
      mark_(mark),
      thread_([this] { run(); }) {}

RocksEventLog::~RocksEventLog() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void RocksEventLog::append(FrameToAppend frame) {
  {
    std::lock_guard lock(mutex_);
    order_.advance(frame);
    if (failure_) return;
    std::size_t bytes = bytes_of(frame);
    backlog_bytes_ += bytes;
    waiting_.push_back({std::move(frame), bytes});
  }
  work_.notify_one();
}

std::uint64_t RocksEventLog::next_seq() const {
  std::lock_guard lock(mutex_);
  return order_.next_seq();
}

LogMark RocksEventLog::mark() const {
  std::lock_guard lock(mutex_);
  return mark_;
}

std::size_t RocksEventLog::backlog_bytes() const {
  std::lock_guard lock(mutex_);
  return backlog_bytes_;
}

std::optional<Error> RocksEventLog::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

std::uint64_t RocksEventLog::syncs() const {
  std::lock_guard lock(mutex_);
  return syncs_;
}

void RocksEventLog::set_listener(std::function<void()> listener) {
  std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

Outcome RocksEventLog::wait_synced(std::uint64_t seq) {
  std::unique_lock lock(mutex_);
  CHECK(seq <= order_.last_seq);
  progress_.wait(lock, [&] { return failure_ || mark_.seq >= seq; });
  if (mark_.seq >= seq) return Done{};
  return fail(*failure_);
}

void RocksEventLog::put_checkpoints(CheckpointSet set) {
  {
    std::lock_guard lock(mutex_);
    CHECK(set.seq == order_.last_seq);
    if (failure_) return;
    checkpoints_.push_back(std::move(set));
  }
  work_.notify_one();
}

Outcome RocksEventLog::set_cluster(const std::string& cluster) {
  CHECK(!cluster.empty());
  if (std::optional<Error> error = failure()) return fail(*error);
  Result<LogIdentity> identity = check_identity(*columns_, cluster);
  if (!identity) return fail(identity.error());
  identity_ = *identity;
  return Done{};
}

Outcome RocksEventLog::cut_before(std::uint64_t first_kept, Time now) {
  if (std::optional<Error> error = failure()) return fail(*error);
  Result<std::optional<StoredFrame>> before = reader_.frame_with(first_kept - 1);
  if (!before) return fail(before.error());
  if (!*before || (*before)->last_seq() + 1 != first_kept || first_kept > synced()) {
    return fail(ErrorCode::InvalidInput, "the log cannot be cut before event " +
                                             std::to_string(first_kept) +
                                             ": no synced frame begins there");
  }
  CutReceipt receipt{first_kept, (*before)->mark(), now};
  return columns_->replace({{Column::Frames, frame_key(0), frame_key(first_kept)}},
                           {receipt_cell(receipt)});
}

// The log thread.
void RocksEventLog::run() {
  for (;;) {
    Work work = take_work();
    if (work.group.empty() && work.checkpoints.empty()) return;
    Result<LogMark> written = write_group(work.group, mark());
    if (!written) return stop_for(written.error());
    move_mark(*written, work.group);
    // Nobody waits for checkpoints, so they come last.
    Outcome kept = write_checkpoints(std::move(work.checkpoints));
    if (!kept) return stop_for(kept.error());
  }
}

void RocksEventLog::move_mark(const LogMark& mark, const std::vector<Waiting>& written) {
  if (written.empty()) return;
  {
    std::lock_guard lock(mutex_);
    mark_ = mark;
    ++syncs_;
    for (const Waiting& waiting : written) backlog_bytes_ -= waiting.bytes;
  }
  tell();
}

void RocksEventLog::stop_for(const Error& error) {
  {
    std::lock_guard lock(mutex_);
    failure_ = error;
    waiting_.clear();
    checkpoints_.clear();
    backlog_bytes_ = 0;
  }
  tell();
}

void RocksEventLog::tell() {
  std::function<void()> listener;
  {
    std::lock_guard lock(mutex_);
    listener = listener_;
  }
  progress_.notify_all();
  if (listener) listener();
}

// Waits for work; none at the end. Checkpoints belong behind every frame that waits.
RocksEventLog::Work RocksEventLog::take_work() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return ending_ || !waiting_.empty() || !checkpoints_.empty(); });
  Work work;
  for (std::size_t bytes = 0; !waiting_.empty() && bytes < kGroupBytesLimit;) {
    bytes += waiting_.front().bytes;
    work.group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (waiting_.empty()) work.checkpoints = std::exchange(checkpoints_, {});
  return work;
}

Result<LogMark> RocksEventLog::write_group(const std::vector<Waiting>& group, LogMark mark) {
  if (group.empty()) return mark;
  std::vector<Cell> cells;
  for (const Waiting& waiting : group) {
    const FrameToAppend& frame = waiting.frame;
    mark = {frame.first_seq + frame.count - 1, chain_after(mark.chain, frame)};
    std::vector<Cell> of_frame = cells_of(frame, mark.chain);
    cells.insert(cells.end(), std::make_move_iterator(of_frame.begin()),
                 std::make_move_iterator(of_frame.end()));
  }
  Outcome outcome = columns_->put(cells, RocksColumns::Sync::Yes);
  // For readers beside us. It may lag on disk, and goes there with the next sync.
  if (outcome) outcome = columns_->put({synced_cell(mark)}, RocksColumns::Sync::No);
  if (!outcome) return fail(outcome.error());
  return mark;
}

Outcome RocksEventLog::write_checkpoints(std::vector<CheckpointSet> sets) {
  for (CheckpointSet& set : sets) {
    std::vector<RocksColumns::Range> ranges;
    for (const std::uint32_t gone : set.gone) {
      std::string key = checkpoint_key(gone);
      ranges.push_back({Column::Checkpoints, key, key + '\0'});
    }
    if (Outcome kept = columns_->replace(ranges, cells_of(std::move(set))); !kept) return kept;
  }
  return Done{};
}

}  // namespace raycord

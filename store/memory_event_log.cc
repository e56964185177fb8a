#include "store/memory_event_log.h"

#include <utility>

#include "core/check.h"
#include "store/layout.h"

namespace raycord {

MemoryEventLog::MemoryEventLog(Options options) : manual_sync_(options.manual_sync) {
  columns_.put(cells_of(LogIdentity{options.id, options.created, options.cluster}));
  synced_ = {0, first_chain(options.id)};
  appended_ = synced_.chain;
}

void MemoryEventLog::append(FrameToAppend frame) {
  {
    std::lock_guard lock(mutex_);
    appended_order_.advance(frame);
    if (failure_) return;
    appended_ = chain_after(appended_, frame);
    LogMark mark{appended_order_.last_seq, appended_};
    waiting_.push_back({appended_order_, mark, bytes_of(frame), cells_of(frame, appended_), {}});
  }
  if (!manual_sync_) sync();
}

std::uint64_t MemoryEventLog::next_seq() const {
  std::lock_guard lock(mutex_);
  return appended_order_.next_seq();
}

LogMark MemoryEventLog::mark() const {
  std::lock_guard lock(mutex_);
  return synced_;
}

std::size_t MemoryEventLog::backlog_bytes() const {
  std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const Waiting& waiting : waiting_) bytes += waiting.bytes;
  return bytes;
}

std::optional<Error> MemoryEventLog::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

void MemoryEventLog::set_listener(std::function<void()> listener) {
  std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

Outcome MemoryEventLog::wait_synced(std::uint64_t seq) {
  sync();
  std::lock_guard lock(mutex_);
  if (failure_) return fail(*failure_);
  CHECK(seq <= synced_.seq);
  return Done{};
}

void MemoryEventLog::put_checkpoints(CheckpointSet set) {
  std::lock_guard lock(mutex_);
  CHECK(set.seq == appended_order_.last_seq);
  if (failure_) return;
  if (waiting_.empty()) return keep(std::move(set));
  waiting_.back().checkpoints.push_back(std::move(set));
}

void MemoryEventLog::keep(CheckpointSet set) {
  for (const std::uint32_t gone : set.gone) {
    columns_.remove(Column::Checkpoints, checkpoint_key(gone));
  }
  columns_.put(cells_of(std::move(set)));
}

void MemoryEventLog::sync(std::size_t frames) {
  std::function<void()> listener;
  {
    std::lock_guard lock(mutex_);
    if (failure_ || waiting_.empty()) return;
    if (fail_next_) {
      failure_ = std::exchange(fail_next_, std::nullopt);
      waiting_.clear();
    }
    for (; frames > 0 && !waiting_.empty(); --frames) {
      columns_.put(waiting_.front().cells);
      synced_order_ = waiting_.front().order;
      synced_ = waiting_.front().mark;
      columns_.put({synced_cell(synced_)});
      for (CheckpointSet& set : waiting_.front().checkpoints) keep(std::move(set));
      waiting_.pop_front();
    }
    listener = listener_;
  }
  if (listener) listener();
}

std::size_t MemoryEventLog::waiting_frames() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

void MemoryEventLog::crash(std::size_t survivors) {
  set_listener(nullptr);
  sync(survivors);
  std::lock_guard lock(mutex_);
  waiting_.clear();
  appended_order_ = synced_order_;
  appended_ = synced_.chain;
  failure_.reset();
}

void MemoryEventLog::fail_next_sync(Error error) {
  std::lock_guard lock(mutex_);
  fail_next_ = std::move(error);
}

}  // namespace raycord

// LogReader finds things in a log: frames in order, names, raw versions, index, checkpoints.
//
//   LogReader log(columns);
//   log.visit_frames(1, [&](const StoredFrame& frame) { fold(frame); return true; });
//
// It shows what is synced; with Show::Provisional also what a power cut may still undo. Every frame
// is checked by its own checksum when read; the running hash is verify_log's business.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "store/columns.h"
#include "store/event_log.h"
#include "store/log_mark.h"

namespace raycord {

struct StoredFrame {
  std::uint64_t first_seq = 0;
  std::uint32_t count = 0;
  std::string payload;
  Chain chain;  // After this frame.

  std::uint64_t last_seq() const { return first_seq + count - 1; }
  LogMark mark() const { return {last_seq(), chain}; }
};

struct LogIdentity {
  LogId id;
  Time created;
  std::string cluster;  // The UID of kube-system; empty until it is known.
};

// Retention removed every frame before `first_kept`; the chain goes on from `before`.
struct CutReceipt {
  std::uint64_t first_kept = 0;
  LogMark before;
  Time at;
};

// Synced frames were missing and somebody accepted it: after `found` the log goes on at `resumes`.
struct LossReceipt {
  std::uint64_t resumes = 0;
  LogMark found;
  LogMark witness;  // What should have been there; zero if damage, not a witness, showed the loss.
  Time at;
};

class LogReader {
 public:
  enum class Show : std::uint8_t { Synced, Provisional };

  explicit LogReader(const Columns& columns, Show show = Show::Synced)
      : columns_(columns), show_(show) {}

  Result<LogIdentity> identity() const;

  // The last frame this reader shows, and the first event still kept (1 + last when there is none).
  Result<LogMark> last() const;
  Result<std::uint64_t> first_seq() const;

  // Frames in order from the one that holds event `from`, until `visit` says false.
  using FrameVisitor = std::function<bool(const StoredFrame&)>;
  Outcome visit_frames(std::uint64_t from, const FrameVisitor& visit) const;

  // The frame that holds event `seq`, unless it was cut or does not exist yet.
  Result<std::optional<StoredFrame>> frame_with(std::uint64_t seq) const;

  // First sequence numbers of the frames that touched this partition or object, ascending.
  Result<std::vector<std::uint64_t>> frames_touching(std::uint32_t number,
                                                     std::uint64_t from = 0) const;

  Result<std::optional<std::string>> name(std::uint32_t number) const;
  Result<std::vector<std::string>> names() const;  // The first one is the name of number 1.

  // Exactly this version; the newest one not after `seq`; all versions' sequence numbers.
  Result<std::optional<std::string>> raw(std::uint32_t object, std::uint64_t seq) const;
  Result<std::optional<RawVersion>> raw_at(std::uint32_t object, std::uint64_t seq) const;
  Result<std::vector<std::uint64_t>> raw_versions(std::uint32_t object) const;

  Result<std::optional<Checkpoint>> checkpoint(std::uint32_t partition) const;

  Result<std::vector<CutReceipt>> cuts() const;
  Result<std::vector<LossReceipt>> losses() const;

 private:
  const Columns& columns_;
  Show show_;
};

}  // namespace raycord

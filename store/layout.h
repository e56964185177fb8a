// The keys and values of a log, byte for byte as docs/log_format.md says.
//
// Numbers in keys are big-endian, so that byte order is number order.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "store/columns.h"
#include "store/event_log.h"
#include "store/log_mark.h"
#include "store/log_reader.h"

namespace raycord {

inline constexpr std::uint8_t kLogFormat = 1;    // Of the whole log, in meta.
inline constexpr std::uint8_t kFrameFormat = 1;  // Of one frame's value.
inline constexpr std::uint8_t kCheckpointFormat = 1;

inline constexpr std::string_view kMetaFormat = "format";
inline constexpr std::string_view kMetaId = "id";
inline constexpr std::string_view kMetaCreated = "created";
inline constexpr std::string_view kMetaCluster = "cluster";
inline constexpr std::string_view kMetaSynced = "synced";
inline constexpr std::string_view kMetaNamePrefix = "name/";
inline constexpr std::string_view kMetaCutPrefix = "cut/";
inline constexpr std::string_view kMetaLossPrefix = "loss/";

std::string frame_key(std::uint64_t first_seq);
std::string raw_key(std::uint32_t object, std::uint64_t seq);
std::string index_key(std::uint32_t number, std::uint64_t first_seq);
std::string checkpoint_key(std::uint32_t partition);
std::string name_key(std::uint32_t number);

// The number that a key starts with (4 or 8 bytes), if the key is long enough.
std::optional<std::uint32_t> number32_at(std::string_view bytes, std::size_t offset);
std::optional<std::uint64_t> number64_at(std::string_view bytes, std::size_t offset);

// The chain of an empty log, and the chain after one more frame.
Chain first_chain(const LogId& id);
struct FrameBody {
  std::uint64_t first_seq = 0;
  std::uint32_t count = 0;
  std::string_view payload;
};
Chain chain_after(const Chain& before, const FrameBody& frame, const std::vector<NewName>& names);
Chain chain_after(const Chain& before, const FrameToAppend& frame);

std::string encode_frame(const FrameBody& frame, const Chain& chain);
Result<StoredFrame> decode_frame(std::string_view key, std::string_view value);

// Everything one frame puts into the columns, to be written at once. `chain` is the one after it.
std::vector<Cell> cells_of(const FrameToAppend& frame, const Chain& chain);

// The cells of a log that was just created, and the mark that readers may rely on.
std::vector<Cell> cells_of(const LogIdentity& identity);
Cell synced_cell(const LogMark& mark);
Result<LogMark> decode_mark(std::string_view value);

std::string encode_name(std::uint64_t introduced_by, std::string_view name);
struct StoredName {
  std::uint64_t introduced_by = 0;  // First sequence number of the frame.
  std::string name;
};
Result<StoredName> decode_name(std::uint32_t number, std::string_view value);

Cell checkpoint_cell(std::uint32_t partition, const Checkpoint& checkpoint);
std::vector<Cell> cells_of(CheckpointSet set);  // Without those that go.
Result<Checkpoint> decode_checkpoint(std::string_view value);

Cell receipt_cell(const CutReceipt& receipt);
Cell receipt_cell(const LossReceipt& receipt);
Result<CutReceipt> decode_cut(std::string_view key, std::string_view value);
Result<LossReceipt> decode_loss(std::string_view key, std::string_view value);

}  // namespace raycord

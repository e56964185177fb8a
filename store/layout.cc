#include "store/layout.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/evp.h>

#include "core/check.h"
#include "store/crc32c.h"

namespace raycord {
namespace {

constexpr std::size_t kChainBytes = 16;

// format, checksum, chain
constexpr std::size_t kFrameHeaderBytes = 1 + 4 + kChainBytes;

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 0xff);
  }
}

void put32(std::string& out, std::uint32_t number) { put_number(out, number, 4); }
void put64(std::string& out, std::uint64_t number) { put_number(out, number, 8); }

void put_varint(std::string& out, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7f) | 0x80);
  out += static_cast<char>(number);
}

void put_chain(std::string& out, const Chain& chain) {
  for (std::uint8_t byte : chain.bytes) out += static_cast<char>(byte);
}

void put_mark(std::string& out, const LogMark& mark) {
  put64(out, mark.seq);
  put_chain(out, mark.chain);
}

std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return number;
}

Chain chain_at(std::string_view bytes, std::size_t offset) {
  Chain chain;
  for (std::size_t i = 0; i < kChainBytes; ++i) {
    chain.bytes[i] = static_cast<std::uint8_t>(bytes[offset + i]);
  }
  return chain;
}

LogMark mark_at(std::string_view bytes, std::size_t offset) {
  return {number_at(bytes, offset, 8), chain_at(bytes, offset + 8)};
}

Time time_at(std::string_view bytes, std::size_t offset) {
  return Time(Millis(static_cast<std::int64_t>(number_at(bytes, offset, 8))));
}

std::uint64_t number_of(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

// Takes a varint off the front of `bytes`.
std::optional<std::uint32_t> take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 5 && i < bytes.size(); ++i) {
    auto byte = static_cast<unsigned char>(bytes[i]);
    number |= std::uint64_t{byte & 0x7fu} << (7 * i);
    if (byte & 0x80) continue;
    if (number > UINT32_MAX) return std::nullopt;
    bytes.remove_prefix(i + 1);
    return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

Chain hash_of(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  CHECK(size == digest.size());
  Chain chain;
  std::copy_n(digest.begin(), kChainBytes, chain.bytes.begin());
  return chain;
}

std::string body_of(const FrameBody& frame) {
  std::string body;
  body.reserve(frame.payload.size() + 5);
  put_varint(body, frame.count);
  body += frame.payload;
  return body;
}

Failure damaged(const std::string& what, const std::string& why) {
  return fail(ErrorCode::Corrupt, what + " is damaged: " + why);
}

Failure newer(const std::string& what, int format) {
  return fail(ErrorCode::Unsupported, what + " has format " + std::to_string(format) +
                                          ", which a newer raycord wrote; use that version");
}

}  // namespace

std::string frame_key(std::uint64_t first_seq) {
  std::string key;
  put64(key, first_seq);
  return key;
}

std::string raw_key(std::uint32_t object, std::uint64_t seq) {
  std::string key;
  put32(key, object);
  put64(key, seq);
  return key;
}

std::string index_key(std::uint32_t number, std::uint64_t first_seq) {
  return raw_key(number, first_seq);
}

std::string checkpoint_key(std::uint32_t partition) {
  std::string key;
  put32(key, partition);
  return key;
}

std::string name_key(std::uint32_t number) {
  std::string key(kMetaNamePrefix);
  put32(key, number);
  return key;
}

std::optional<std::uint32_t> number32_at(std::string_view bytes, std::size_t offset) {
  if (bytes.size() < offset + 4) return std::nullopt;
  return static_cast<std::uint32_t>(number_at(bytes, offset, 4));
}

std::optional<std::uint64_t> number64_at(std::string_view bytes, std::size_t offset) {
  if (bytes.size() < offset + 8) return std::nullopt;
  return number_at(bytes, offset, 8);
}

Chain first_chain(const LogId& id) {
  std::string text = "raycord log";
  for (std::uint8_t byte : id.bytes) text += static_cast<char>(byte);
  return hash_of(text);
}

Chain chain_after(const Chain& before, const FrameBody& frame, const std::vector<NewName>& names) {
  std::string text;
  std::string body = body_of(frame);
  text.reserve(kChainBytes + 12 + body.size());
  put_chain(text, before);
  put64(text, frame.first_seq);
  put32(text, static_cast<std::uint32_t>(body.size()));
  text += body;
  for (const NewName& name : names) {
    put32(text, name.number);
    put32(text, static_cast<std::uint32_t>(name.name.size()));
    text += name.name;
  }
  return hash_of(text);
}

Chain chain_after(const Chain& before, const FrameToAppend& frame) {
  return chain_after(before, {frame.first_seq, frame.count, frame.payload}, frame.new_names);
}

std::string encode_frame(const FrameBody& frame, const Chain& chain) {
  std::string body = body_of(frame);
  std::string value;
  value.reserve(kFrameHeaderBytes + body.size());
  value += static_cast<char>(kFrameFormat);
  put32(value, crc32c(body));
  put_chain(value, chain);
  value += body;
  return value;
}

Result<StoredFrame> decode_frame(std::string_view key, std::string_view value) {
  std::optional<std::uint64_t> first_seq = number64_at(key, 0);
  if (!first_seq || key.size() != 8) return damaged("a frame", "its key is not 8 bytes long");
  std::string what = "the frame at event " + std::to_string(*first_seq);
  if (value.empty()) return damaged(what, "it is empty");
  auto format = static_cast<std::uint8_t>(value[0]);
  if (format > kFrameFormat) return newer(what, format);
  if (format != kFrameFormat) return damaged(what, "unknown format " + std::to_string(format));
  if (value.size() <= kFrameHeaderBytes) return damaged(what, "it is too short");
  std::string_view body = value.substr(kFrameHeaderBytes);
  if (number32_at(value, 1) != crc32c(body)) return damaged(what, "its checksum does not match");
  std::optional<std::uint32_t> count = take_varint(body);
  if (!count || *count == 0) return damaged(what, "it holds no events");
  return StoredFrame{*first_seq, *count, std::string(body), chain_at(value, 5)};
}

std::vector<Cell> cells_of(const FrameToAppend& frame, const Chain& chain) {
  std::vector<Cell> cells;
  cells.reserve(1 + frame.new_names.size() + frame.touched.size() + frame.raw.size());
  FrameBody body{frame.first_seq, frame.count, frame.payload};
  cells.push_back({Column::Frames, frame_key(frame.first_seq), encode_frame(body, chain)});
  for (const NewName& name : frame.new_names) {
    cells.push_back({Column::Meta, name_key(name.number), encode_name(frame.first_seq, name.name)});
  }
  std::vector<std::uint32_t> touched = frame.touched;
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (std::uint32_t number : touched) {
    cells.push_back({Column::Index, index_key(number, frame.first_seq), ""});
  }
  for (const RawVersion& raw : frame.raw) {
    cells.push_back({Column::Raw, raw_key(raw.object, raw.seq), raw.bytes});
  }
  return cells;
}

std::vector<Cell> cells_of(const LogIdentity& identity) {
  std::string id(identity.id.bytes.begin(), identity.id.bytes.end());
  std::string created;
  put64(created, number_of(identity.created));
  std::vector<Cell> cells = {
      {Column::Meta, std::string(kMetaFormat), std::string(1, static_cast<char>(kLogFormat))},
      {Column::Meta, std::string(kMetaId), id},
      {Column::Meta, std::string(kMetaCreated), created},
      synced_cell({0, first_chain(identity.id)}),
  };
  if (!identity.cluster.empty()) {
    cells.push_back({Column::Meta, std::string(kMetaCluster), identity.cluster});
  }
  return cells;
}

Cell synced_cell(const LogMark& mark) {
  std::string value;
  put_mark(value, mark);
  return {Column::Meta, std::string(kMetaSynced), value};
}

Result<LogMark> decode_mark(std::string_view value) {
  if (value.size() != 8 + kChainBytes) return damaged("the synced mark", "its size is wrong");
  return mark_at(value, 0);
}

std::string encode_name(std::uint64_t introduced_by, std::string_view name) {
  std::string value;
  put64(value, introduced_by);
  value += name;
  return value;
}

Result<StoredName> decode_name(std::uint32_t number, std::string_view value) {
  if (value.size() < 8) return damaged("name " + std::to_string(number), "it is too short");
  return StoredName{number_at(value, 0, 8), std::string(value.substr(8))};
}

Cell checkpoint_cell(std::uint32_t partition, const Checkpoint& checkpoint) {
  std::string body;
  put32(body, checkpoint.layout);
  put64(body, checkpoint.seq);
  put_varint(body, static_cast<std::uint32_t>(checkpoint.build.size()));
  body += checkpoint.build;
  body += checkpoint.bytes;
  std::string value(1, static_cast<char>(kCheckpointFormat));
  put32(value, crc32c(body));
  value += body;
  return {Column::Checkpoints, checkpoint_key(partition), value};
}

std::vector<Cell> cells_of(CheckpointSet set) {
  std::vector<Cell> cells;
  Checkpoint checkpoint{set.build, set.layout, set.seq, ""};
  for (auto& [partition, state] : set.states) {
    checkpoint.bytes = std::move(state);
    cells.push_back(checkpoint_cell(partition, checkpoint));
  }
  return cells;
}

Result<Checkpoint> decode_checkpoint(std::string_view value) {
  const std::string what = "a checkpoint";
  if (value.size() < 5) return damaged(what, "it is too short");
  auto format = static_cast<std::uint8_t>(value[0]);
  if (format != kCheckpointFormat) return newer(what, format);
  std::string_view body = value.substr(5);
  if (number32_at(value, 1) != crc32c(body)) return damaged(what, "its checksum does not match");
  if (body.size() < 12) return damaged(what, "it is too short");
  Checkpoint checkpoint;
  checkpoint.layout = *number32_at(body, 0);
  checkpoint.seq = *number64_at(body, 4);
  body.remove_prefix(12);
  std::optional<std::uint32_t> build = take_varint(body);
  if (!build || *build > body.size()) return damaged(what, "its build does not fit");
  checkpoint.build = std::string(body.substr(0, *build));
  checkpoint.bytes = std::string(body.substr(*build));
  return checkpoint;
}

Cell receipt_cell(const CutReceipt& receipt) {
  std::string key(kMetaCutPrefix);
  put64(key, receipt.first_kept);
  std::string value;
  put_mark(value, receipt.before);
  put64(value, number_of(receipt.at));
  return {Column::Meta, key, value};
}

Cell receipt_cell(const LossReceipt& receipt) {
  std::string key(kMetaLossPrefix);
  put64(key, receipt.resumes);
  std::string value;
  put_mark(value, receipt.found);
  put_mark(value, receipt.witness);
  put64(value, number_of(receipt.at));
  return {Column::Meta, key, value};
}

Result<CutReceipt> decode_cut(std::string_view key, std::string_view value) {
  std::optional<std::uint64_t> first_kept = number64_at(key, kMetaCutPrefix.size());
  if (!first_kept || value.size() != 8 + kChainBytes + 8) {
    return damaged("a receipt of a cut", "its size is wrong");
  }
  return CutReceipt{*first_kept, mark_at(value, 0), time_at(value, 8 + kChainBytes)};
}

Result<LossReceipt> decode_loss(std::string_view key, std::string_view value) {
  constexpr std::size_t kMarkBytes = 8 + kChainBytes;
  std::optional<std::uint64_t> resumes = number64_at(key, kMetaLossPrefix.size());
  if (!resumes || value.size() != 2 * kMarkBytes + 8) {
    return damaged("a receipt of a loss", "its size is wrong");
  }
  return LossReceipt{*resumes, mark_at(value, 0), mark_at(value, kMarkBytes),
                     time_at(value, 2 * kMarkBytes)};
}

}  // namespace raycord

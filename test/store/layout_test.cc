#include "store/layout.h"

#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/crc32c.h"

namespace raycord {
namespace {

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 0xf];
  }
  return text.empty() ? "-" : text;
}

// The lines of the block ```cells in the document, with single spaces.
std::vector<std::string> documented_cells() {
  std::ifstream document(SOURCE_ROOT "/docs/log_format.md");
  std::vector<std::string> cells;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) inside = line == "```cells";
    if (!inside || line.starts_with("```")) continue;
    std::istringstream words(line);
    std::string column, key, value;
    words >> column >> key >> value;
    cells.push_back(column + " " + key + " " + value);
  }
  return cells;
}

LogId example_id() {
  LogId id;
  std::iota(id.bytes.begin(), id.bytes.end(), std::uint8_t{0});
  return id;
}

TEST(Layout, IsTheDocumentedOneByteForByte) {
  LogIdentity identity{example_id(), *from_rfc3339("2026-11-23T18:05:33.042Z"),
                       "5e0c7b7e-kube-system"};
  std::vector<Cell> cells = cells_of(identity);
  std::erase_if(cells, [](const Cell& cell) { return cell.key == kMetaSynced; });

  LogMark mark{0, first_chain(identity.id)};
  FrameToAppend first{1,      3,
                      "one",  {{1, "default/llm"}, {2, "Pod/default/llm-head"}},
                      {1, 2}, {{2, 3, R"({"kind":"Pod"})"}}};
  FrameToAppend second{4, 1, "two", {}, {1}, {}};
  for (const FrameToAppend& frame : {first, second}) {
    mark = {frame.first_seq + frame.count - 1, chain_after(mark.chain, frame)};
    for (Cell& cell : cells_of(frame, mark.chain)) cells.push_back(std::move(cell));
  }
  cells.push_back(synced_cell(mark));
  cells.push_back(checkpoint_cell(1, {"0.1.0", 7, 4, "state"}));

  std::vector<std::string> lines;
  for (const Cell& cell : cells) {
    lines.push_back(std::string(name_of(cell.column)) + " " + hex_of(cell.key) + " " +
                    hex_of(cell.value));
  }
  EXPECT_THAT(lines, testing::UnorderedElementsAreArray(documented_cells()));
  EXPECT_EQ(identity.id.short_form(), "kljzq");
  EXPECT_EQ(first_chain(identity.id).hex(), "3f2ebba4b04adfc7ec53c672dc7d04c8");
}

TEST(Layout, ChecksumIsCastagnolis) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720, B.4
}

TEST(Layout, EveryFlippedBitOfAFrameIsNoticed) {
  FrameBody body{7, 300, "payload"};
  std::string value = encode_frame(body, first_chain(example_id()));
  const std::string key = frame_key(7);
  Result<StoredFrame> whole = decode_frame(key, value);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->count, 300u);
  EXPECT_EQ(whole->payload, "payload");
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    if (bit / 8 >= 5 && bit / 8 < 21) continue;  // The chain is compared with its neighbours'.
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_frame(key, damaged)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_frame(key, value.substr(0, size))) << "cut at " << size;
  }
}

TEST(Layout, AFrameOfANewerFormatIsUnsupportedNotDamaged) {
  std::string value = encode_frame({1, 1, "x"}, {});
  value[0] = 2;
  Result<StoredFrame> frame = decode_frame(frame_key(1), value);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::Unsupported);
}

TEST(Layout, NamesAndOrderAreInTheChain) {
  Chain start = first_chain(example_id());
  FrameBody body{1, 1, "x"};
  Chain plain = chain_after(start, body, {});
  EXPECT_NE(plain, chain_after(start, body, {{1, "a"}}));
  EXPECT_NE(chain_after(start, body, {{1, "a"}}), chain_after(start, body, {{1, "b"}}));
  EXPECT_NE(plain, chain_after(start, {2, 1, "x"}, {}));
  EXPECT_NE(plain, chain_after(start, {1, 2, "x"}, {}));
  EXPECT_NE(plain, chain_after(plain, body, {}));
}

TEST(Layout, CheckpointsAndReceiptsComeBack) {
  Cell cell = checkpoint_cell(9, {"build", 3, 77, std::string("\0bytes", 6)});
  Result<Checkpoint> checkpoint = decode_checkpoint(cell.value);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->build, "build");
  EXPECT_EQ(checkpoint->layout, 3u);
  EXPECT_EQ(checkpoint->seq, 77u);
  EXPECT_EQ(checkpoint->bytes, std::string("\0bytes", 6));
  cell.value.back() ^= 1;
  EXPECT_FALSE(decode_checkpoint(cell.value));

  LossReceipt loss{200, {10, {}}, {99, first_chain(example_id())}, Time(Millis(5))};
  Cell loss_cell = receipt_cell(loss);
  Result<LossReceipt> found = decode_loss(loss_cell.key, loss_cell.value);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resumes, 200u);
  EXPECT_EQ(found->found, loss.found);
  EXPECT_EQ(found->witness, loss.witness);
  EXPECT_EQ(found->at, loss.at);
  EXPECT_FALSE(decode_loss(loss_cell.key, "short"));
}

TEST(LogMark, ChainsGoThroughText) {
  Chain chain = first_chain(example_id());
  EXPECT_EQ(Chain::from_hex(chain.hex()), chain);
  EXPECT_EQ(Chain::from_hex("3f2e"), std::nullopt);
  EXPECT_EQ(Chain::from_hex(std::string(32, 'g')), std::nullopt);
}

}  // namespace
}  // namespace raycord

#include "store/append_order.h"

#include "core/check.h"

namespace raycord {

void AppendOrder::advance(const FrameToAppend& frame) {
  CHECK(frame.first_seq == next_seq());
  CHECK(frame.count >= 1);
  const std::uint64_t end = frame.first_seq + frame.count - 1;
  std::uint32_t named = names;
  for (const NewName& name : frame.new_names) CHECK(name.number == ++named);
  for (std::uint32_t number : frame.touched) CHECK(number >= 1 && number <= named);
  for (const RawVersion& raw : frame.raw) {
    CHECK(raw.object >= 1 && raw.object <= named);
    CHECK(raw.seq >= frame.first_seq && raw.seq <= end);
  }
  last_seq = end;
  names = named;
}

std::size_t bytes_of(const FrameToAppend& frame) {
  std::size_t bytes = sizeof(frame) + frame.payload.size() + 12 * frame.touched.size();
  for (const NewName& name : frame.new_names) bytes += sizeof(name) + name.name.size();
  for (const RawVersion& raw : frame.raw) bytes += sizeof(raw) + raw.bytes.size();
  return bytes;
}

}  // namespace raycord

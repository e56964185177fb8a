#include "store/fold_log.h"

#include <string>
#include <utility>

#include "core/turn.h"
#include "formats/frame_codec.h"

namespace raycord {

Result<NameTable> read_names(const LogReader& log) {
  auto texts = log.names();
  if (!texts) return fail(texts.error());
  NameTable names;
  std::uint32_t number = 0;
  for (const std::string& text : *texts) {
    if (auto added = names.add(++number, text); !added) return fail(added.error());
  }
  return names;
}

Outcome visit_decoded(const LogReader& log, const NameTable& names, std::uint64_t from,
                      const DecodedVisitor& visit) {
  FrameDecoder decoder(names);
  Frame frame;
  std::optional<Error> trouble;
  auto visited = log.visit_frames(from, [&](const StoredFrame& stored) {
    auto decoded = decoder.decode(stored.payload, {stored.first_seq}, frame);
    if (!decoded) {
      trouble = decoded.error();
      trouble->message =
          "frame at event " + std::to_string(stored.first_seq) + ": " + trouble->message;
      return false;
    }
    return visit(frame, stored);
  });
  if (!visited) return fail(visited.error());
  if (trouble) return fail(*trouble);
  return Done{};
}

Result<FoldedLog> fold_log(const LogReader& log, Checkpoints checkpoints,
                           const std::function<void(std::uint64_t seq)>& progress) {
  auto names = read_names(log);
  if (!names) return fail(names.error());
  FoldedLog folded;
  folded.names = std::move(*names);
  folded.checkpoints = std::move(checkpoints);
  auto restored = folded.checkpoints.restore(log);
  if (!restored) return fail(restored.error());
  if (*restored) folded.state = std::move(**restored);
  const std::uint64_t from = folded.state.last.value + 1;
  const auto fold = [&](const Frame& frame, const StoredFrame& stored) {
    fold_frame(folded.state, frame);
    ++folded.frames;
    if (progress) progress(stored.last_seq());
    return true;
  };
  auto visited = visit_decoded(log, folded.names, from, fold);
  if (!visited) return fail(visited.error());
  return folded;
}

}  // namespace raycord

#include "test/replay/recorded_log.h"

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/check.h"
#include "formats/frame_codec.h"
#include "store/fold_log.h"

namespace raycord {
namespace {

std::string new_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "raycord-replay-XXXXXX").string();
  CHECK(mkdtemp(path.data()) != nullptr);
  return path;
}

template <class T>
T checked(Result<T> result) {
  CHECK(static_cast<bool>(result));
  return std::move(*result);
}

// Intents name the log that the decisions are in.
void rename_intents(Frame& frame, const std::string& log) {
  for (PlacedFact& placed : frame.facts) {
    auto* seen = std::get_if<ObjectSeen>(&placed.fact);
    if (seen == nullptr) continue;
    std::visit(
        [&](auto& slice) {
          std::string& intent = slice.meta.intent;
          if (!intent.empty()) intent = log + intent.substr(intent.find(':'));
        },
        seen->object);
  }
}

}  // namespace

RecordedLog::RecordedLog() : directory_(new_directory()) {
  RocksEventLog::Options options;
  options.directory = directory_;
  options.now = from_rfc3339("2026-03-01T12:00:00Z").value();
  options.ballast_bytes = 0;
  log_ = checked(RocksEventLog::open(options));
}

RecordedLog::~RecordedLog() {
  log_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RecordedLog::take(const MemoryEventLog& from, const Change& change) {
  const NameTable source_names = checked(read_names(from.reader()));
  NameTable names = checked(read_names(log_->reader()));
  const std::string id = log_->identity().id.short_form();
  checked(visit_decoded(from.reader(), source_names, log_->next_seq(),
                        [&](const Frame& recorded, const StoredFrame&) {
                          Frame frame = recorded;
                          rename_intents(frame, id);
                          if (change) change(frame);
                          EncodedFrame encoded = encode_frame(frame, names);
                          FrameToAppend append;
                          append.first_seq = log_->next_seq();
                          append.count = encoded.count;
                          append.payload = std::move(encoded.payload);
                          append.touched = std::move(encoded.touched);
                          for (std::size_t i = 0; i < frame.facts.size(); ++i) {
                            const auto* seen = std::get_if<ObjectSeen>(&frame.facts[i].fact);
                            if (seen == nullptr) continue;
                            const std::string name = to_text(name_of(seen->object));
                            const std::uint64_t seq = recorded.fact_seq(i).value;
                            auto raw = checked(from.reader().raw(source_names.find(name), seq));
                            if (raw) append.raw.push_back({names.number_of(name), seq, *raw});
                          }
                          for (NumberedName& name : encoded.new_names) {
                            append.new_names.push_back({name.number, std::move(name.name)});
                          }
                          log_->append(std::move(append));
                          return true;
                        }));
  if (log_->next_seq() > 1) checked(log_->wait_synced(log_->next_seq() - 1));
}

}  // namespace raycord

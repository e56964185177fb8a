#include "store/open_checks.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/random.h>

#include "store/disk.h"
#include "store/layout.h"
#include "store/limits.h"

namespace raycord {
namespace {

std::string text_of(std::uint64_t number) { return std::to_string(number); }

Result<LogId> random_id() {
  LogId id;
  if (getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size())) {
    return fail(ErrorCode::Io, "the system gave no random numbers for a new log's id");
  }
  return id;
}

// Nothing was written yet, or only a start that was cut short.
Result<bool> is_new(const RocksColumns& columns) {
  Result<std::optional<std::string>> format = columns.get(Column::Meta, kMetaFormat);
  if (!format) return fail(format.error());
  if (*format) return false;
  std::unique_ptr<Cursor> frames = columns.cursor(Column::Frames);
  frames->seek("");
  if (Outcome status = frames->status(); !status) return fail(status.error());
  return !frames->valid();
}

// An accepted loss explains a mark that is not in the log.
bool is_accepted(const LogMark& mark, const std::vector<LossReceipt>& losses) {
  for (const LossReceipt& loss : losses) {
    if (mark.seq > loss.found.seq && mark.seq < loss.resumes) return true;
    if (mark == loss.witness) return true;
  }
  return false;
}

// Why `mark` is not in a log that resumes behind `end`; nothing if it is.
Result<std::optional<std::string>> missing(const Columns& columns, const LogMark& end,
                                           const LogMark& mark) {
  std::optional<std::string> nothing;
  if (mark == end) return nothing;
  if (mark.seq > end.seq) {
    return std::optional("synced frames are missing: it ends at event " + text_of(end.seq) +
                         ", but event " + text_of(mark.seq) + " was synced");
  }
  LogReader reader(columns, LogReader::Show::Provisional);
  Result<std::vector<CutReceipt>> cuts = reader.cuts();
  if (!cuts) return fail(cuts.error());
  if (!cuts->empty() && mark.seq < cuts->back().before.seq) return nothing;
  Result<std::optional<StoredFrame>> frame = reader.frame_with(mark.seq);
  if (!frame) return fail(frame.error());
  if (*frame && (*frame)->mark() == mark) return nothing;
  if (!cuts->empty() && cuts->back().before == mark) return nothing;
  Result<LogIdentity> identity = reader.identity();
  if (!identity) return fail(identity.error());
  if (mark == LogMark{0, first_chain(identity->id)}) return nothing;
  return std::optional("it has another history than the one that was synced: at event " +
                       text_of(mark.seq) + " the running hash was " + mark.chain.hex() +
                       ", and here it is " +
                       (*frame && (*frame)->last_seq() == mark.seq ? (*frame)->chain.hex()
                                                                   : "in the middle of a frame"));
}

}  // namespace

Result<std::unique_ptr<RocksColumns>> open_columns(const RocksEventLog::Options& options) {
  std::error_code error;
  bool exists = std::filesystem::exists(options.directory + "/CURRENT", error);
  if (!exists && !options.create_if_missing) {
    return fail(ErrorCode::NotFound, "there is no log in " + options.directory);
  }
  if (Outcome made = make_log_directory(options.directory); !made) return fail(made.error());
  const bool real = options.env == nullptr;
  if (Outcome room = check_room_to_open(options.directory); exists && real && !room) {
    return fail(room.error());
  }
  Result<std::unique_ptr<RocksColumns>> columns =
      RocksColumns::open({options.directory, options.env}, options.create_if_missing);
  if (!columns) return fail(columns.error());
  Result<bool> created = is_new(**columns);
  if (!created) return fail(created.error());
  if (!*created) return columns;
  Result<LogId> id = random_id();
  if (!id) return fail(id.error());
  Outcome written = (*columns)->put(cells_of(LogIdentity{*id, options.now, options.cluster}),
                                    RocksColumns::Sync::Yes);
  if (!written) return fail(written.error());
  return columns;
}

Result<LogIdentity> check_identity(RocksColumns& columns, const std::string& cluster) {
  Result<std::optional<std::string>> format = columns.get(Column::Meta, kMetaFormat);
  if (!format) return fail(format.error());
  if (!*format || (*format)->size() != 1) {
    return fail(ErrorCode::Corrupt, "the log does not say its format in its column meta");
  }
  auto number = static_cast<std::uint8_t>((**format)[0]);
  if (number != kLogFormat) {
    return fail(ErrorCode::Unsupported, "the log has format " + text_of(number) +
                                            ", this raycord knows format " + text_of(kLogFormat) +
                                            "; use the version that wrote it or a newer one");
  }
  Result<LogIdentity> identity = LogReader(columns).identity();
  if (!identity || cluster.empty() || identity->cluster == cluster) return identity;
  if (!identity->cluster.empty()) {
    return fail(ErrorCode::InvalidInput,
                "log " + identity->id.short_form() + " belongs to the cluster " +
                    identity->cluster + ", not to " + cluster +
                    "; give this operator an empty volume, or the volume of its own cluster");
  }
  identity->cluster = cluster;
  Outcome written =
      columns.put({{Column::Meta, std::string(kMetaCluster), cluster}}, RocksColumns::Sync::Yes);
  if (!written) return fail(written.error());
  return identity;
}

Result<LogMark> resume_mark(const Columns& columns, const LogMark& end) {
  Result<std::vector<LossReceipt>> losses = LogReader(columns).losses();
  if (!losses) return fail(losses.error());
  if (losses->empty() || losses->back().found != end) return end;
  return LogMark{losses->back().resumes - 1, end.chain};
}

Result<std::optional<Loss>> find_loss(const Columns& columns, const LogTail& tail,
                                      const std::optional<LogMark>& witness) {
  if (tail.damage) {
    return std::optional<Loss>(
        {{}, "it is good up to event " + text_of(tail.end.seq) + ", behind it " + *tail.damage});
  }
  Result<LogMark> end = resume_mark(columns, tail.end);
  if (!end) return fail(end.error());
  LogReader reader(columns);
  Result<std::vector<LossReceipt>> losses = reader.losses();
  if (!losses) return fail(losses.error());
  Result<LogMark> synced = reader.last();
  if (!synced) return fail(synced.error());
  std::vector<LogMark> known = {*synced};
  if (witness) known.push_back(*witness);
  for (const LogMark& mark : known) {
    if (is_accepted(mark, *losses)) continue;
    Result<std::optional<std::string>> why = missing(columns, *end, mark);
    if (!why) return fail(why.error());
    if (*why) return std::optional<Loss>({mark, **why});
  }
  return std::optional<Loss>();
}

}  // namespace raycord

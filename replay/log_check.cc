// Figures about a log, its verification, and the acceptance of a loss.

#include <algorithm>
#include <map>
#include <utility>

#include "formats/frame_codec.h"
#include "replay/json.h"
#include "replay/log_commands.h"
#include "replay/progress.h"
#include "replay/table.h"
#include "replay/words.h"
#include "replay/yaml.h"
#include "store/disk.h"
#include "store/rocks_event_log.h"
#include "store/verify_log.h"

namespace raycord {
namespace {

constexpr std::size_t kTopPartitions = 10;

struct Figures {
  std::uint64_t frames = 0;
  std::uint64_t events = 0;
  Time begin{};
  Time end{};
  std::map<std::string, std::uint64_t> kinds;
  std::map<std::string, std::uint64_t> partitions;
  std::map<std::string, std::uint64_t> bytes;  // By column family, unpacked.
  std::uint64_t disk = 0;
};

void count(Figures& figures, const Frame& frame) {
  if (figures.frames++ == 0) figures.begin = frame.at;
  figures.end = frame.at;
  figures.events += frame.count();
  for (const PlacedFact& placed : frame.facts) {
    ++figures.kinds[kind_of(placed.fact)];
    ++figures.partitions[placed.partition ? to_text(*placed.partition) : "(all)"];
  }
  for (const Decision& decision : frame.decisions) {
    ++figures.kinds["Decision"];
    ++figures.partitions[to_text(decision.partition)];
  }
}

Result<Figures> measure(const Session& session, const LogSource& log) {
  Figures figures;
  Progress progress(session, "counting", "events", log.last());
  auto visited = log.visit(log.first(), [&](const Frame& frame) {
    count(figures, frame);
    progress.at(frame.first.value);
    return !session.interrupted();
  });
  if (!visited) return fail(visited.error());
  for (const Column column : kAllColumns) {
    std::uint64_t& bytes = figures.bytes[name_of(column)];
    const auto cursor = log.columns().cursor(column);
    for (cursor->seek(""); cursor->valid() && !session.interrupted(); cursor->next()) {
      bytes += cursor->key().size() + cursor->value().size();
    }
    if (auto status = cursor->status(); !status) return fail(status.error());
  }
  auto usage = disk_usage(log.directory());
  if (!usage) return fail(usage.error());
  figures.disk = usage->log;
  return figures;
}

std::vector<std::pair<std::string, std::uint64_t>> largest(
    const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

JsonTree json_of(const LogSource& log, const Figures& figures) {
  JsonTree json = {{"log", log.identity().id.short_form()},
                   {"id", log.identity().id.hex()},
                   {"cluster", log.identity().cluster},
                   {"created", to_rfc3339_millis(log.identity().created)},
                   {"firstEvent", log.first()},
                   {"lastEvent", log.last()},
                   {"events", figures.events},
                   {"frames", figures.frames}};
  if (figures.frames > 0) {
    json["begin"] = to_rfc3339_millis(figures.begin);
    json["end"] = to_rfc3339_millis(figures.end);
  }
  json["bytesOnDisk"] = figures.disk;
  json["bytes"] = JsonTree(figures.bytes);
  json["kinds"] = JsonTree(figures.kinds);
  json["partitions"] = JsonTree(figures.partitions);
  return json;
}

void print(const Session& session, const LogSource& log, const Figures& figures) {
  std::ostream& out = session.out;
  const LogIdentity& identity = log.identity();
  out << "log        " << identity.id.short_form() << " (" << identity.id.hex() << ")\n"
      << "directory  " << log.directory() << "\n"
      << "cluster    " << (identity.cluster.empty() ? "unknown" : identity.cluster) << "\n"
      << "created    " << to_rfc3339(identity.created) << "\n"
      << "events     " << with_commas(figures.events) << " in " << with_commas(figures.frames)
      << " frames";
  if (figures.frames > 0) {
    out << ", " << log.event_text({log.first()}) << " to " << log.event_text({log.last()})
        << "\nspan       " << to_rfc3339(figures.begin) << " to " << to_rfc3339(figures.end) << ", "
        << duration_text(figures.end - figures.begin);
  }
  out << "\non disk    " << size_text(figures.disk) << "\n\n";
  const Table::Options options{0, session.terminal.colors, true};
  Table bytes(out, {"COLUMN", "UNPACKED"}, options);
  for (const auto& [column, size] : figures.bytes) bytes.add({{column}, {size_text(size)}});
  bytes.finish();
  if (figures.frames == 0) return;
  out << "\n";
  Table kinds(out, {"KIND", "EVENTS"}, options);
  for (const auto& [kind, events] : largest(figures.kinds)) {
    kinds.add({{kind}, {with_commas(events)}});
  }
  kinds.finish();
  out << "\n";
  Table partitions(out, {"PARTITION", "EVENTS"}, options);
  const auto sorted = largest(figures.partitions);
  for (std::size_t i = 0; i < sorted.size() && i < kTopPartitions; ++i) {
    partitions.add({{sorted[i].first}, {with_commas(sorted[i].second)}});
  }
  if (sorted.size() > kTopPartitions) {
    partitions.add({{"and " + with_commas(sorted.size() - kTopPartitions) + " more"}, {""}});
  }
  partitions.finish();
}

// What a frame touched, as its payload says; a frame that this build cannot read is counted.
class Touched {
 public:
  static Result<Touched> of(const LogSource& log) {
    auto names = read_names(log.reader());
    if (!names) return fail(names.error());
    return Touched(std::move(*names));
  }

  std::vector<std::uint32_t> numbers(const StoredFrame& stored) {
    auto frame = decode_frame(stored.payload, {stored.first_seq}, names_);
    if (!frame) {
      if (unreadable_++ == 0) why_ = frame.error().message;
      return {};
    }
    return encode_frame(*frame, names_).touched;
  }

  std::uint64_t unreadable() const { return unreadable_; }
  const std::string& why() const { return why_; }

 private:
  explicit Touched(NameTable names) : names_(std::move(names)) {}

  NameTable names_;
  std::uint64_t unreadable_ = 0;
  std::string why_;
};

Result<Verified> verify_with(const Session& session, const LogSource& log, Touched* touched) {
  Progress progress(session, "verifying", "events", log.last());
  VerifyOptions options;
  options.progress = [&](std::uint64_t seq, std::uint64_t) {
    progress.at(seq);
    return !session.interrupted();
  };
  if (touched != nullptr) {
    options.touched = [&](const StoredFrame& frame) { return touched->numbers(frame); };
  }
  return verify_log(log.columns(), options);
}

}  // namespace

Result<Exit> show_statistics(const Session& session, const LogSource& log, Format format) {
  auto figures = measure(session, log);
  if (!figures) return fail(figures.error());
  if (session.interrupted()) return Exit::Good;
  switch (format) {
    case Format::Json:
      session.out << json_of(log, *figures).dump(2) << "\n";
      break;
    case Format::Yaml:
      session.out << to_yaml(json_of(log, *figures));
      break;
    case Format::Name:
      session.out << log.identity().id.short_form() << "\n";
      break;
    case Format::Table:
    case Format::Wide:
      print(session, log, *figures);
      break;
  }
  return Exit::Good;
}

Result<Exit> verify(const Session& session, const LogSource& log, Format format) {
  auto touched = Touched::of(log);
  if (!touched) return fail(touched.error());
  auto verified = verify_with(session, log, &*touched);
  if (!verified) return fail(verified.error());
  // Frames of a newer build can be intact though we cannot say what they touched.
  if (touched->unreadable() > 0) verified = verify_with(session, log, nullptr);
  if (!verified) return fail(verified.error());
  if (session.interrupted()) return Exit::Good;
  const bool intact = verified->intact();
  const JsonTree json = {{"log", log.identity().id.short_form()},
                         {"intact", intact},
                         {"frames", verified->frames},
                         {"first", verified->begin.seq + 1},
                         {"last", verified->end.seq},
                         {"chain", verified->end.chain.hex()},
                         {"damage", verified->damage ? JsonTree(*verified->damage) : JsonTree()},
                         {"unreadableFrames", touched->unreadable()}};
  if (format == Format::Json) {
    session.out << json.dump(2) << "\n";
  } else if (format == Format::Yaml) {
    session.out << to_yaml(json);
  } else {
    session.out << styled(describe(*verified), intact ? Style::Good : Style::Bad,
                          session.terminal.colors)
                << "\n";
    if (touched->unreadable() > 0) {
      session.out << with_commas(touched->unreadable())
                  << " frames cannot be read by this build: " << touched->why() << "\n";
    }
  }
  return intact ? Exit::Good : Exit::Bad;
}

Result<Exit> accept_loss(const Session& session, const AcceptLossOptions& options) {
  RocksEventLog::Options how;
  how.directory = options.directory;
  how.create_if_missing = false;
  how.now = session.now;
  if (!options.witness.empty()) {
    const std::size_t colon = options.witness.find(':');
    const auto chain = colon == std::string::npos
                           ? std::nullopt
                           : Chain::from_hex(std::string_view(options.witness).substr(colon + 1));
    const std::string digits = options.witness.substr(0, colon);
    const bool number = !digits.empty() && digits.size() < 19 &&
                        digits.find_first_not_of("0123456789") == std::string::npos;
    if (!chain || !number) {
      return fail(ErrorCode::InvalidInput, "\"" + options.witness +
                                               "\" is not a witness; say SEQ:CHAIN, as the "
                                               "Lease's annotation has it");
    }
    how.witness = LogMark{std::stoull(digits), *chain};
  }
  if (!options.yes) {
    return fail(ErrorCode::InvalidInput,
                "this cuts the log behind its last good event for ever; stop the operator, keep a "
                "copy of " +
                    options.directory + ", and say --yes");
  }
  auto receipt = RocksEventLog::accept_loss(how);
  if (!receipt) return fail(receipt.error());
  session.out << "accepted: the log is good up to event " << receipt->found.seq;
  if (receipt->witness.seq > 0) {
    session.out << ", event " << receipt->witness.seq << " was known to be synced";
  }
  session.out << "; the next event is " << receipt->resumes << "\n";
  return Exit::Good;
}

}  // namespace raycord

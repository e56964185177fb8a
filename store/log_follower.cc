#include "store/log_follower.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>

#include "store/layout.h"
#include "store/limits.h"

namespace raycord {
namespace {

Result<std::string> make_scratch(const std::string& wanted) {
  std::error_code error;
  std::string parent =
      wanted.empty() ? std::filesystem::temp_directory_path(error).string() : wanted;
  std::string path = parent + "/raycord-XXXXXX";
  if (!error && mkdtemp(path.data()) != nullptr) return path;
  return fail(ErrorCode::Io, "a reader needs a temporary directory, and there is none in '" +
                                 parent + "' (" + std::strerror(errno) + "); set TMPDIR");
}

// What another attempt may cure: files vanished while they were listed or opened.
bool is_passing(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
    case ErrorCode::Io:
    case ErrorCode::Corrupt:
      return true;
    case ErrorCode::InUse:
    case ErrorCode::InvalidInput:
    case ErrorCode::Unsupported:
    case ErrorCode::NoSpace:
      return false;
  }
  return false;
}

// Name and size of the file in which RocksDB notes each flush and compaction.
std::string manifest_of(const std::string& directory) {
  std::string name;
  std::ifstream current(directory + "/CURRENT");
  std::getline(current, name);
  std::error_code gone;  // Replaced while we look: then its name will differ.
  return name + " " + std::to_string(std::filesystem::file_size(directory + "/" + name, gone));
}

// A reader passes over table files that it cannot open; a log that is being created has none.
bool has_tables(const std::string& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".sst") return true;
  }
  return false;
}

Outcome check_format(const Columns& columns, const std::string& directory) {
  Result<std::optional<std::string>> format = columns.get(Column::Meta, kMetaFormat);
  if (!format) return fail(format.error());
  if (!*format && has_tables(directory)) {
    return fail(ErrorCode::Corrupt, "the log in " + directory +
                                        " cannot be read: its table files are damaged, or another "
                                        "program's; restore the directory from a backup");
  }
  if (!*format) return fail(ErrorCode::NotFound, "the log is being created; try again");
  if (**format != std::string(1, static_cast<char>(kLogFormat))) {
    return fail(ErrorCode::Unsupported,
                "the log has a format that this raycord does not know; use the version that wrote "
                "it or a newer one");
  }
  return Done{};
}

}  // namespace

Result<std::unique_ptr<LogFollower>> LogFollower::open(const Options& options) {
  std::error_code error;
  if (!std::filesystem::exists(options.directory + "/CURRENT", error)) {
    return fail(ErrorCode::NotFound, "there is no log in " + options.directory);
  }
  std::unique_ptr<LogFollower> follower(new LogFollower(options));
  if (Outcome opened = follower->reopen(); !opened) return fail(opened.error());
  return follower;
}

LogFollower::~LogFollower() {
  columns_.reset();
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

Outcome LogFollower::reopen() {
  if (scratch_.empty()) {
    Result<std::string> scratch = make_scratch(options_.scratch);
    if (!scratch) return fail(scratch.error());
    scratch_ = *scratch;
  }
  const Outcome busy = fail(ErrorCode::Io, "the log in " + options_.directory +
                                               " changes faster than it can be read; try again");
  Outcome outcome = busy;
  for (int i = 0; i < kReopenAttempts; ++i) {
    if (i > 0) std::this_thread::sleep_for(kReopenPause);
    manifest_ = manifest_of(options_.directory);
    Outcome opened = open_columns();
    const bool settled = is_settled();
    if (opened && settled) return opened;
    if (!opened && !is_passing(opened.error())) return opened;
    // What cannot be read while nobody writes is damaged; else it was being replaced.
    outcome = settled ? opened : busy;
  }
  return outcome;
}

Outcome LogFollower::open_columns() {
  Result<std::unique_ptr<RocksColumns>> opened =
      RocksColumns::open_beside({options_.directory, nullptr}, scratch_);
  if (!opened) return fail(opened.error());
  if (Outcome format = check_format(**opened, options_.directory); !format) return format;
  columns_ = std::move(*opened);
  return Done{};
}

// RocksDB first reads the manifest, then the write-ahead logs that are still there. When a flush
// ends in between, a log's frames are in neither: it passes over the missing log without an error,
// and a hole is left. So what was read counts only if no flush ended meanwhile.
bool LogFollower::is_settled() const { return manifest_of(options_.directory) == manifest_; }

// What was read from a write-ahead log stays in the reader's memory, and there it hides what table
// files say since: an old synced mark beside a new cut, frames that were cut. So after each flush
// the reader opens anew, and shows what a writer had at one moment.
Outcome LogFollower::refresh() {
  if (is_settled() && columns_->catch_up() && is_settled()) return Done{};
  return reopen();
}

Result<std::optional<std::string>> LogFollower::get(Column column, std::string_view key) const {
  return columns_->get(column, key);
}

std::unique_ptr<Cursor> LogFollower::cursor(Column column) const {
  return columns_->cursor(column);
}

}  // namespace raycord

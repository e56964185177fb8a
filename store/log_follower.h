// LogFollower reads a log while its writer goes on, or after it ended. It never writes to it.
//
//   Result<std::unique_ptr<LogFollower>> log = LogFollower::open({.directory = "/var/lib/x"});
//   (*log)->reader().visit_frames(1, print);
//   (*log)->refresh();  // At most once a second; then what was appended since is there, too.
//
// What it shows changes in refresh() only. It keeps the files it has open on disk: refresh it, or
// close it, within a minute.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/log_reader.h"
#include "store/rocks_columns.h"

namespace raycord {

class LogFollower : private Columns {
 public:
  struct Options {
    std::string directory{};
    LogReader::Show show = LogReader::Show::Synced;
    std::string scratch{};  // Where to put a temporary directory; empty: the system's choice.
  };

  static Result<std::unique_ptr<LogFollower>> open(const Options& options);
  ~LogFollower() override;

  Outcome refresh();

  const LogReader& reader() const { return reader_; }
  const Columns& columns() const { return *this; }

 private:
  explicit LogFollower(Options options)
      : options_(std::move(options)), reader_(*this, options_.show) {}

  Outcome reopen();
  Outcome open_columns();
  bool is_settled() const;
  Result<std::optional<std::string>> get(Column column, std::string_view key) const override;
  std::unique_ptr<Cursor> cursor(Column column) const override;

  Options options_;
  LogReader reader_;
  std::string scratch_;
  std::string manifest_;                   // RocksDB's, as it was when the log was opened.
  std::unique_ptr<RocksColumns> columns_;  // Replaced after each flush.
};

}  // namespace raycord

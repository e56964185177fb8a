// RocksColumns are the columns of a log in a RocksDB database: opened by its one writer, or beside
// it by a reader (RocksDB's secondary instance).

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/columns.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
class Env;
class Status;
}  // namespace rocksdb

namespace raycord {

class RocksColumns : public Columns {
 public:
  struct Place {
    std::string directory;
    rocksdb::Env* env = nullptr;  // Another file system, for tests; must outlive the columns.
  };

  // The writer. Only one at a time: another one gets ErrorCode::InUse.
  static Result<std::unique_ptr<RocksColumns>> open(const Place& place, bool create_if_missing);

  // A reader; `scratch` is an empty directory of its own for RocksDB's text log.
  static Result<std::unique_ptr<RocksColumns>> open_beside(const Place& place,
                                                           const std::string& scratch);

  ~RocksColumns() override;
  RocksColumns(const RocksColumns&) = delete;
  RocksColumns& operator=(const RocksColumns&) = delete;

  Result<std::optional<std::string>> get(Column column, std::string_view key) const override;
  std::unique_ptr<Cursor> cursor(Column column) const override;

  // All cells or none. With `sync` they are on disk when this returns.
  enum class Sync : std::uint8_t { No, Yes };
  Outcome put(const std::vector<Cell>& cells, Sync sync);

  // Removes the keys from `begin` up to, not including, `end`, and puts `cells`, all at once.
  struct Range {
    Column column = Column::Frames;
    std::string begin;
    std::string end;
  };
  Outcome replace(const std::vector<Range>& ranges, const std::vector<Cell>& cells);

  // A reader takes in what the writer did since. Errors mean: open again.
  Outcome catch_up();

  // Writes memtables into table files; merges all table files. What the writer does by itself too.
  Outcome flush();
  Outcome compact();

  // Of the column's live table files; memtables and write-ahead logs come on top.
  std::uint64_t table_bytes(Column column) const;

 private:
  RocksColumns(Place place, std::unique_ptr<rocksdb::DB> db,
               std::vector<rocksdb::ColumnFamilyHandle*> handles);

  rocksdb::ColumnFamilyHandle* handle(Column column) const;
  Error error_of(const rocksdb::Status& status, std::string_view doing) const;

  Place place_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // In the order of kAllColumns, then default.
};

}  // namespace raycord

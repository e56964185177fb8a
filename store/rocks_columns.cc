#include "store/rocks_columns.h"

#include <iterator>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include "core/check.h"
#include "store/disk.h"
#include "store/limits.h"
#include "store/owner_only_files.h"

namespace raycord {
namespace {

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::DBOptions database_options(const RocksColumns::Place& place) {
  rocksdb::DBOptions options;
  options.env = place.env != nullptr ? place.env : owner_only_files();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.recycle_log_file_num = 0;
  options.wal_compression = rocksdb::kNoCompression;
  // Column families move to table files together, so that a damaged write-ahead log, cut at its
  // first bad record, leaves them at the same frame.
  options.atomic_flush = true;
  options.max_total_wal_size = kWalBytes;
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(kWriteBufferBytes);
  options.max_background_jobs = 2;
  // A failed write is final; RocksDB must not go on by itself behind our back.
  options.max_bgerror_resume_count = 0;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_open_files = -1;  // A reader beside the writer depends on it.
  return options;
}

rocksdb::ColumnFamilyOptions column_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::optional<Column> column) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kColumnWriteBufferBytes;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  if (column == Column::Frames || column == Column::Raw || column == Column::Index) {
    options.compression = rocksdb::kZSTD;
    options.bottommost_compression = rocksdb::kZSTD;
    options.bottommost_compression_opts.enabled = true;
    options.bottommost_compression_opts.level = kOldestCompressionLevel;
    table.block_size = column == Column::Raw ? kRawBlockBytes : kFrameBlockBytes;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_descriptors() {
  std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (Column column : kAllColumns) {
    descriptors.emplace_back(name_of(column), column_options(cache, column));
  }
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, column_options(cache, std::nullopt));
  return descriptors;
}

bool is_lock_conflict(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("lock ") != std::string::npos;
}

Error error_of_status(const rocksdb::Status& status, const std::string& directory,
                      std::string_view doing) {
  std::string what = std::string(doing) + " the log in " + directory + ": ";
  if (is_lock_conflict(status)) {
    return {ErrorCode::InUse, "the log in " + directory +
                                  " is in use by another process; it has one writer at a time, "
                                  "readers open it beside the writer"};
  }
  if (status.IsNoSpace()) return {ErrorCode::NoSpace, what + no_space_text(directory)};
  if (status.IsPathNotFound() || status.IsNotFound() || status.IsTryAgain()) {
    return {ErrorCode::NotFound, what + status.ToString()};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::Corrupt,
            what + status.ToString() +
                "; restore the directory from a backup, or move it away and start with an empty "
                "log: what serves is kept by the objects themselves"};
  }
  if (status.IsInvalidArgument() || status.IsNotSupported()) {
    return {ErrorCode::Unsupported, what + status.ToString()};
  }
  return {ErrorCode::Io, what + status.ToString()};
}

class RocksCursor : public Cursor {
 public:
  RocksCursor(std::unique_ptr<rocksdb::Iterator> iterator, std::string directory)
      : iterator_(std::move(iterator)), directory_(std::move(directory)) {}

  void seek(std::string_view key) override { iterator_->Seek(slice_of(key)); }
  void seek_at_or_before(std::string_view key) override { iterator_->SeekForPrev(slice_of(key)); }
  void next() override { iterator_->Next(); }
  void previous() override { iterator_->Prev(); }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view_of(iterator_->key()); }
  std::string_view value() const override { return view_of(iterator_->value()); }
  Outcome status() const override {
    rocksdb::Status status = iterator_->status();
    if (!status.ok()) return fail(error_of_status(status, directory_, "reading"));
    return Done{};
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string directory_;
};

}  // namespace

RocksColumns::RocksColumns(Place place, std::unique_ptr<rocksdb::DB> db,
                           std::vector<rocksdb::ColumnFamilyHandle*> handles)
    : place_(std::move(place)), db_(std::move(db)), handles_(std::move(handles)) {}

RocksColumns::~RocksColumns() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
}

Result<std::unique_ptr<RocksColumns>> RocksColumns::open(const Place& place,
                                                         bool create_if_missing) {
  rocksdb::DBOptions options = database_options(place);
  options.create_if_missing = create_if_missing;
  options.create_missing_column_families = create_if_missing;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status =
      rocksdb::DB::Open(options, place.directory, column_descriptors(), &handles, &db);
  if (!status.ok()) return fail(error_of_status(status, place.directory, "opening"));
  return std::unique_ptr<RocksColumns>(
      new RocksColumns(place, std::unique_ptr<rocksdb::DB>(db), std::move(handles)));
}

Result<std::unique_ptr<RocksColumns>> RocksColumns::open_beside(const Place& place,
                                                                const std::string& scratch) {
  rocksdb::DBOptions options = database_options(place);
  options.create_if_missing = false;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenAsSecondary(options, place.directory, scratch,
                                                        column_descriptors(), &handles, &db);
  if (!status.ok()) return fail(error_of_status(status, place.directory, "opening"));
  return std::unique_ptr<RocksColumns>(
      new RocksColumns(place, std::unique_ptr<rocksdb::DB>(db), std::move(handles)));
}

rocksdb::ColumnFamilyHandle* RocksColumns::handle(Column column) const {
  for (std::size_t i = 0; i < std::size(kAllColumns); ++i) {
    if (kAllColumns[i] == column) return handles_[i];
  }
  CHECK(false);
  return nullptr;
}

Error RocksColumns::error_of(const rocksdb::Status& status, std::string_view doing) const {
  return error_of_status(status, place_.directory, doing);
}

Result<std::optional<std::string>> RocksColumns::get(Column column, std::string_view key) const {
  std::string value;
  rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), handle(column), slice_of(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return fail(error_of(status, "reading"));
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<Cursor> RocksColumns::cursor(Column column) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // A walk over the log would push out what point reads need.
  return std::make_unique<RocksCursor>(
      std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(column))),
      place_.directory);
}

Outcome RocksColumns::put(const std::vector<Cell>& cells, Sync sync) {
  rocksdb::WriteBatch batch;
  for (const Cell& cell : cells) {
    rocksdb::Status status = batch.Put(handle(cell.column), cell.key, cell.value);
    CHECK(status.ok());
  }
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::Yes;
  rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) return fail(error_of(status, "writing"));
  return Done{};
}

Outcome RocksColumns::replace(const std::vector<Range>& ranges, const std::vector<Cell>& cells) {
  rocksdb::WriteBatch batch;
  for (const Range& range : ranges) {
    rocksdb::Status status = batch.DeleteRange(handle(range.column), range.begin, range.end);
    CHECK(status.ok());
  }
  for (const Cell& cell : cells) {
    rocksdb::Status status = batch.Put(handle(cell.column), cell.key, cell.value);
    CHECK(status.ok());
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) return fail(error_of(status, "writing"));
  return Done{};
}

Outcome RocksColumns::catch_up() {
  rocksdb::Status status = db_->TryCatchUpWithPrimary();
  if (!status.ok()) return fail(error_of(status, "following"));
  return Done{};
}

Outcome RocksColumns::flush() {
  rocksdb::Status status = db_->Flush(rocksdb::FlushOptions(), handles_);
  if (!status.ok()) return fail(error_of(status, "flushing"));
  return Done{};
}

Outcome RocksColumns::compact() {
  for (rocksdb::ColumnFamilyHandle* column : handles_) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::Status status = db_->CompactRange(options, column, nullptr, nullptr);
    if (!status.ok()) return fail(error_of(status, "compacting"));
  }
  return Done{};
}

std::uint64_t RocksColumns::table_bytes(Column column) const {
  std::uint64_t bytes = 0;
  const std::string property = rocksdb::DB::Properties::kLiveSstFilesSize;
  CHECK(db_->GetIntProperty(handle(column), property, &bytes));
  return bytes;
}

}  // namespace raycord

#include "test/store/faulty_files.h"

#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include <rocksdb/file_system.h>

namespace raycord {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, Faults& faults, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)),
        faults_(faults),
        path_(std::move(path)),
        wal_(path_.ends_with(".log")) {
    note_synced();
  }

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  IODebugContext* context) override {
    if (!faults_.power) return IOStatus::IOError("no power");
    if (wal_ && faults_.sync_fails) ++faults_.wal_appends_after_fault;
    if ((faults_.bytes_left -= static_cast<std::int64_t>(bytes.size())) < 0) {
      return IOStatus::NoSpace("No space left on device");
    }
    size_ += bytes.size();
    return FSWritableFileOwnerWrapper::Append(bytes, options, context);
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* context) override {
    return Append(bytes, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (wal_) ++faults_.wal_syncs;
    if (wal_ && faults_.sync_fails) return IOStatus::IOError("sync failed");
    if (!faults_.power) return IOStatus::IOError("no power");
    IOStatus status = FSWritableFileOwnerWrapper::Sync(options, context);
    if (status.ok()) note_synced();
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Sync(options, context);
  }

  IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                    IODebugContext* context) override {
    if (!faults_.power) return IOStatus::IOError("no power");
    return FSWritableFileOwnerWrapper::Truncate(size, options, context);
  }

 private:
  void note_synced() {
    std::lock_guard lock(faults_.mutex);
    faults_.synced_bytes[path_] = size_;
  }

  Faults& faults_;
  std::string path_;
  std::uint64_t size_ = 0;
  bool wal_;
};

class FaultyFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFiles(Faults& faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultyFiles"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    if (!faults_.power) return IOStatus::IOError("no power");
    IOStatus status = target()->NewWritableFile(path, options, file, context);
    if (!status.ok()) return status;
    *file = std::make_unique<FaultyFile>(std::move(*file), faults_, path);
    return status;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* context) override {
    if (!faults_.power) return IOStatus::IOError("no power");
    return target()->DeleteFile(path, options, context);
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (!faults_.power) return IOStatus::IOError("no power");
    IOStatus status = target()->RenameFile(from, to, options, context);
    std::lock_guard lock(faults_.mutex);
    if (auto moved = faults_.synced_bytes.extract(from); status.ok() && !moved.empty()) {
      faults_.synced_bytes[to] = moved.mapped();
    }
    return status;
  }

 private:
  Faults& faults_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> faulty_files(Faults& faults) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(faults));
}

void forget_unsynced(Faults& faults, unsigned seed) {
  std::mt19937 random(seed);
  for (const auto& [path, synced] : faults.synced_bytes) {
    std::error_code gone;
    std::uint64_t written = std::filesystem::file_size(path, gone);
    if (gone || written <= synced || path.ends_with("/LOG")) continue;
    // Files that RocksDB allocates ahead are longer than what was written into them.
    std::filesystem::resize_file(path, synced + random() % (written - synced + 1));
  }
  faults.synced_bytes.clear();
}

}  // namespace raycord

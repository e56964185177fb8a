#include "test/store/faulty_files.h"

#include <utility>

#include <rocksdb/file_system.h>

namespace raycord {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, Faults& faults, bool wal)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults), wal_(wal) {}

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  IODebugContext* context) override {
    if (wal_ && faults_.sync_fails) ++faults_.wal_appends_after_fault;
    if ((faults_.bytes_left -= static_cast<std::int64_t>(bytes.size())) < 0) {
      return IOStatus::NoSpace("No space left on device");
    }
    return FSWritableFileOwnerWrapper::Append(bytes, options, context);
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* context) override {
    return Append(bytes, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (wal_) ++faults_.wal_syncs;
    if (wal_ && faults_.sync_fails) return IOStatus::IOError("sync failed");
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Sync(options, context);
  }

 private:
  Faults& faults_;
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
    IOStatus status = target()->NewWritableFile(path, options, file, context);
    if (!status.ok()) return status;
    *file = std::make_unique<FaultyFile>(std::move(*file), faults_, path.ends_with(".log"));
    return status;
  }

 private:
  Faults& faults_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> faulty_files(Faults& faults) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(faults));
}

}  // namespace raycord

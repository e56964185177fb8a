#include "store/owner_only_files.h"

#include <memory>
#include <string>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>

namespace raycord {
namespace {

class OwnerOnlyFiles : public rocksdb::FileSystemWrapper {
 public:
  OwnerOnlyFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "OwnerOnlyFiles"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    return restrict(path, target()->NewWritableFile(path, options, file, context));
  }

  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override {
    return restrict(path, target()->ReopenWritableFile(path, options, file, context));
  }

  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* logger,
                              rocksdb::IODebugContext* context) override {
    return restrict(path, target()->NewLogger(path, options, logger, context));
  }

 private:
  static rocksdb::IOStatus restrict(const std::string& path, rocksdb::IOStatus status) {
    if (!status.ok() || chmod(path.c_str(), 0600) == 0) return status;
    return rocksdb::IOStatus::IOError(path, "could not be made private");
  }
};

}  // namespace

rocksdb::Env* owner_only_files() {
  // Never destroyed: databases of other static objects may outlive us.
  static rocksdb::Env* env = rocksdb::NewCompositeEnv(std::make_shared<OwnerOnlyFiles>()).release();
  return env;
}

}  // namespace raycord

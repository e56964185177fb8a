// A file system for RocksDB that runs full or fails to sync when it is told to.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <rocksdb/env.h>

namespace raycord {

struct Faults {
  std::atomic<std::int64_t> bytes_left = INT64_MAX;  // Then: no space left on device.
  std::atomic<bool> sync_fails = false;
  std::atomic<std::uint64_t> wal_syncs = 0;
  std::atomic<std::uint64_t> wal_appends_after_fault = 0;
};

// `faults` must outlive the environment.
std::unique_ptr<rocksdb::Env> faulty_files(Faults& faults);

}  // namespace raycord

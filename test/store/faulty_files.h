// A file system for RocksDB that runs full, fails to sync or loses power when it is told to.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <rocksdb/env.h>

namespace raycord {

struct Faults {
  std::atomic<std::int64_t> bytes_left = INT64_MAX;  // Then: no space left on device.
  std::atomic<bool> sync_fails = false;
  std::atomic<std::uint64_t> wal_syncs = 0;
  std::atomic<std::uint64_t> wal_appends_after_fault = 0;
  std::atomic<bool> power = true;  // Without it nothing is written any more.
  std::mutex mutex;
  std::map<std::string, std::uint64_t> synced_bytes;  // Of each file, as of its last sync.
};

// `faults` must outlive the environment.
std::unique_ptr<rocksdb::Env> faulty_files(Faults& faults);

// After the power is gone and the log was closed: cuts each file somewhere between what was synced
// and what was written, as a disk may have kept it. `seed` chooses where.
void forget_unsynced(Faults& faults, unsigned seed);

}  // namespace raycord

// Every number of the store with its reason.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace raycord {

// Above this the loop takes less in until the disk has caught up. A frame is about 1 KB; 8 MB are
// seconds of the busiest start and still small beside the memory goal (50 MB for the process).
inline constexpr std::size_t kBacklogLimit = 8 << 20;

// One group goes to disk as one batch and one sync. More than this per batch would copy for longer
// than a sync takes, and make a single WAL record that recovery holds in memory twice.
inline constexpr std::size_t kGroupBytesLimit = 4 << 20;

// Frames whose checksum, running hash and order are checked at each opening: what a crash can have
// torn is in the last seconds. The whole log is `raycord log verify`'s business.
inline constexpr std::size_t kTailFramesChecked = 2000;

// Memtables of all column families together. RocksDB's default would be 64 MB for each of them. At
// 1 MB/s of a very busy fleet this is a flush every few seconds, which is cheap; a quiet one of a
// thousand services fills them in some minutes, and what they hold counts to the memory goal.
inline constexpr std::size_t kWriteBufferBytes = 3 << 20;
inline constexpr std::size_t kColumnWriteBufferBytes = 1 << 20;

// The log is written once and read rarely: by a start, by `why`, for the templates of what is
// built. Index and filter blocks live here.
inline constexpr std::size_t kBlockCacheBytes = 2 << 20;

// Versions of one object are almost equal, and so are the frames of one fleet: a block that holds
// many of them compresses by about as much. Reading one of them costs unpacking this much, a
// fraction of a millisecond.
inline constexpr std::size_t kRawBlockBytes = 256 << 10;
inline constexpr std::size_t kFrameBlockBytes = 256 << 10;

// Zstandard's level for what has sunk to the last level of tables, once for each byte, in the
// background: a fleet of a thousand services writes some tens of MB a day.
inline constexpr int kOldestCompressionLevel = 15;

// Write-ahead logs kept before RocksDB flushes: what a start has to read again, well below a
// second.
inline constexpr std::uint64_t kWalBytes = 32 << 20;

// RocksDB's own text log, for post-mortems; two files of this size.
inline constexpr std::size_t kInfoLogBytes = 1 << 20;

// Held back on the volume, to be removed when it is full: reopening writes out the memtables
// (kWriteBufferBytes), a manifest and a new write-ahead log.
inline constexpr std::uint64_t kBallastBytes = 32 << 20;

// What opening writes beside the memtables: a manifest, and the block that a new write-ahead log
// reserves. Without it RocksDB does not fail in order: it may abort on an assertion.
inline constexpr std::uint64_t kOpeningBytes = 8 << 20;

// A checkpoint of the whole state is made when so many events came since the last one: a start
// folds this many in a tenth of a second. Packing a thousand services takes some tens of
// milliseconds and a few MB, once in an hour when all is quiet.
inline constexpr std::uint64_t kCheckpointEvents = 100'000;

// A reader beside the writer meets files that vanish between listing and opening; each attempt
// lists again, and more than a few in a row mean something else is wrong.
inline constexpr int kReopenAttempts = 20;
inline constexpr std::chrono::milliseconds kReopenPause{10};

// After an accepted loss numbers go on this far behind the witness. The witness trails the log by
// up to a Lease renewal; a number that was ever shown outside must not mean a second event.
inline constexpr std::uint64_t kNumbersSkippedAfterLoss = 100'000;

}  // namespace raycord

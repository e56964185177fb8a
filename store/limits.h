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

// After an accepted loss numbers go on this far behind the witness. The witness trails the log by
// up to a Lease renewal; a number that was ever shown outside must not mean a second event.
inline constexpr std::uint64_t kNumbersSkippedAfterLoss = 100'000;

}  // namespace raycord

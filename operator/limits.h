// The numbers of the loop, with their reasons. What decisions depend on is in core/limits.h.

#pragma once

#include <cstddef>

#include "core/time.h"

namespace raycord {

// Reports taken in one turn: keeps a frame within a few hundred KB and the loop answering within
// milliseconds when a list of thousands arrives.
inline constexpr std::size_t kReportsPerTurn = 256;

// Partitions that are not packed between turns (core/partitions.h). A turn touches as many as it
// has reports, mostly fewer; opening and packing one takes some 50 µs, an open one 30 KB.
inline constexpr std::size_t kOpenPartitions = 32;

// Observations that the loop takes in before it looks at its log again: as much as the log writes
// in one group, and half of what may wait there.
inline constexpr std::size_t kTakenBytes = 4 << 20;

// Orders that net has not taken: it takes them all each time it comes by, so this is seconds of the
// busiest fleet. Above it writes wait in the loop, and announcements are dropped.
inline constexpr std::size_t kOrderBytesMax = 8 << 20;

// Writes under way at once. The API server's default for one client is 400 in flight.
inline constexpr std::size_t kWritesInFlight = 64;

// After a longer pause than this nothing is concluded from what was not seen meanwhile: the process
// was stopped, or the machine slept. The loop turns at least once a second.
inline constexpr Millis kPauseNoticed{30'000};
inline constexpr Millis kLongestWait{1'000};

// A sync takes milliseconds, on a bad day a second. A leader whose log does not come to disk for
// this long stops leading, well before its Lease would run out, for what it decides cannot be done.
inline constexpr Millis kMarkStuck{5'000};

// Writes under way get this long at the end; what is then without an answer is settled by looking.
inline constexpr Millis kStopLimit{10'000};
// Then the Lease is given away: one call of at most kLeaseTimeout, and a round of both threads.
inline constexpr Millis kGiveAwayLimit{4'000};

// Attempts to reach the API server at the start: first wait, doubling to the longest.
inline constexpr Millis kStartRetryFirst{1'000};
inline constexpr Millis kStartRetryMax{30'000};
// A command that only reads gives up when the API server has not answered well for this long.
inline constexpr Millis kReadPatience{5'000};
// The same trouble is said again this often, so that the end of a long log shows it.
inline constexpr Millis kTroubleRepeated{60'000};

// What is over sooner is no trouble: a watch that is cut and made again, the Lease at a start.
inline constexpr Millis kTroubleSaid{3'000};

// A Secret with a Ray token is read again when it is this old; a wrong one is noticed by Ray's 401.
inline constexpr Millis kTokenAge{60'000};

// Lines for a standard error that nobody reads: half a MB at most, half of that taken at the start.
// A line is cut to what a terminal can bear; facts are in the log in full.
inline constexpr std::size_t kLogLinesWaiting = 512;
inline constexpr std::size_t kLogLineMax = 1024;

// Folding a million events takes about a second; longer starts show progress.
inline constexpr Millis kProgressAfter{1000};

// The admission webhook. The API server takes requests of 3 MB, and a review has the object before
// and after; what comes packed may unpack to no more.
inline constexpr std::size_t kAdmissionReviewMax = 8 << 20;
// Of a connection, as it comes over the wire: one review, its headers, and TLS around both.
inline constexpr std::size_t kWebhookBytesMax = kAdmissionReviewMax + (1 << 20);
// The API server waits 30 s at most, the chart has it wait 5; an answer takes milliseconds.
inline constexpr Millis kWebhookConnection{10'000};
// A review of megabytes is parsed in 10 ms, so this is hundreds a second.
inline constexpr std::size_t kWebhookThreads = 4;
// Connections that wait for a thread; further ones wait in the kernel.
inline constexpr std::size_t kWebhookWaiting = 32;

}  // namespace raycord

// Every number that decisions depend on, with its reason. Limits of files, queues and connections
// are in store/limits.h, adapters/limits.h and operator/limits.h.

#pragma once

#include <cstddef>
#include <cstdint>

#include "core/time.h"

namespace raycord {

using namespace std::chrono_literals;

// --- Names (raycluster-behaviour.md 6.1) ---
inline constexpr std::size_t kClusterNameMax = 53;  // "<name>-serve-svc" must fit a label of 63.
inline constexpr std::size_t kPodPrefixMax = 50;  // KubeRay's cut; leaves room for "-worker-xxxxx".
inline constexpr std::size_t kLabelMax = 63;      // Of a label value, and of the names of Jobs.

// --- Failover (guide, "case 1" and "case 2"; shared design, section 7) ---
inline constexpr Millis kSilentDashboardDefault = 300s;  // deploymentUnhealthySecondThreshold.
inline constexpr Millis kUnhealthyAppDefault = 900s;     // serviceUnhealthySecondThreshold.
// A new head may pull 10 GB of image before its dashboard answers for the first time.
inline constexpr Millis kHeadStartLimit = 20min;
// Longer silence of the observer itself than this pauses clocks of ill health; a restart is
// shorter.
inline constexpr Millis kObservationGap = 30s;
// After such a gap ill health must be seen afresh: this often and this long.
inline constexpr std::uint32_t kFreshFailures = 5;
inline constexpr Millis kFreshTime = 30s;
// An active cluster that is well for this long makes its replacement needless.
inline constexpr Millis kWellAgain = 60s;
// A replacement or upgrade that is not ready after this long is given up; autoscalers that must
// buy machines need tens of minutes.
inline constexpr Millis kPrepareLimit = 60min;
// Waits between attempts to replace, doubling; and how many before waiting for an edit.
inline constexpr Millis kBackOffFirst = 5min;
inline constexpr Millis kBackOffMax = 60min;
inline constexpr std::uint32_t kAttemptsMax = 3;

// --- Fleet hold: when many dashboards fall silent at once, the observer is suspect ---
inline constexpr std::uint32_t kFleetHoldCount = 3;     // More than this many …
inline constexpr std::uint32_t kFleetHoldPercent = 10;  // … and than this share of those armed …
inline constexpr Millis kFleetHoldWindow = 60s;         // … within this time.

// --- Upgrade ---
inline constexpr Millis kDeletionDelayDefault = 60s;  // rayClusterDeletionDelaySeconds unset.

// --- Serve config ---
// After an accepted PUT the next answers must show it; real Ray shows it at the next GET, so a
// config that is still not deployed after this long is sent again.
inline constexpr Millis kConfigSettleTime = 20s;

// --- Writes ---
// Repeating a refused or failed write: first wait, doubling to the longest.
inline constexpr Millis kRetryFirst = 1s;
inline constexpr Millis kRetryMax = 5min;
// A status is written at most this often per object.
inline constexpr Millis kStatusInterval = 1s;
// Message-only changes of a status wait this long: messages churn when things are ill.
inline constexpr Millis kStatusMessageInterval = 60s;

// A write that failed is shown as a failure this long after it may be repeated; by then it was
// repeated, or is not wanted any more.
inline constexpr Millis kFailureShown = 30s;

// --- Pods ---
// Pods of one cluster that are being created at the same time: the others follow as outcomes come
// in, so that a group of thousands neither fills a frame nor the queue of writes.
inline constexpr std::size_t kPodsInCreationMax = 100;

// --- Deletion of a cluster that keeps its state in Redis (raycluster-behaviour.md 3.3) ---
// ray.io/gcs-ft-deletion-timeout unset: afterwards the cluster goes, cleaned up or not.
inline constexpr Millis kRedisDeletionTimeout = 300s;

// --- World restored (etcd from a backup): nothing is deleted for this long ---
inline constexpr Millis kRestoredCalm = 5min;

// --- Probes (shared design, section 7) ---
inline constexpr Millis kProbePeriod = 2s;
inline constexpr Millis kProbeTimeout = 10s;
inline constexpr Millis kRunFlushWell =
    60s;  // A run of unchanged good answers is logged this often.
inline constexpr Millis kRunFlushIll = 10s;  // While a clock of ill health runs.

// --- Texts for people ---
// The note of a Kubernetes Event (events.k8s.io/v1) may have 1024 bytes.
inline constexpr std::size_t kNoteMax = 1024;
// Descriptions stand in tables and golden files; a longer one hides the others.
inline constexpr std::size_t kDescriptionMax = 400;

// Objects of clusters not seen yet wait for them, at most this many; more are only counted.
inline constexpr std::size_t kUnrootedMax = 10'000;
// Tombstones per partition; the oldest go first, they only guard against late watch events.
inline constexpr std::size_t kTombstonesMax = 200;

}  // namespace raycord

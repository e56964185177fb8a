// The numbers of the conversations with Kubernetes and Ray, with their reasons. What decisions
// depend on is in core/limits.h, the protocol of watches in core/watch.h.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/time.h"

namespace raycord {

// --- Sizes ---
// 500 Pods with long environments come to 20 MB; what is longer is asked for in smaller pages.
inline constexpr std::size_t kListBodyMax = 64 << 20;
// etcd takes objects of 1.5 MiB; managedFields and the envelope come on top.
inline constexpr std::size_t kWatchLineMax = 4 << 20;
inline constexpr std::size_t kAnswerMax = 4 << 20;
// A server's or Ray's message is cut to this before it is a fact.
inline constexpr std::size_t kServerMessageMax = 1024;
// Observations that the loop has not taken: beyond this no page is asked for, and streams are cut.
// Answers that are under way still come on top, at most one for each watch.
inline constexpr std::size_t kObservedBytesMax = 64 << 20;

// --- Times of calls ---
inline constexpr Millis kListTimeout{60'000};  // A page from etcd when the API server is busy.
inline constexpr Millis kReadTimeout{10'000};
// The API server gives up after 34 s (its own deadline for mutating calls with webhooks).
inline constexpr Millis kWriteTimeout{40'000};
// A stream brings a bookmark every minute; after this silence the connection is taken for dead.
inline constexpr Millis kStreamSilence{90'000};
// Ray answers a PUT when the config is accepted; a busy head needs seconds.
inline constexpr Millis kServePutTimeout{20'000};

// --- The Lease (client-go's defaults, which KubeRay uses too) ---
inline constexpr Millis kLeaseDuration{15'000};
inline constexpr Millis kLeaseDeadline{10'000};  // Without a renewal writes stop after this.
inline constexpr Millis kLeaseRenew{2'000};
inline constexpr Millis kLeaseTimeout{3'000};  // Of one call: a failed renewal and two more fit.
inline constexpr Millis kLeaseRetry{500};
inline constexpr Millis kLeaseAbsentRetry{10'000};  // Whether KubeRay's Lease has come to exist.

// --- Announcements (Kubernetes Events) ---
inline constexpr std::size_t kAnnouncementsMax = 1'000;  // Waiting; more are dropped and counted.
inline constexpr std::size_t kAnnouncementsInFlight = 4;
inline constexpr std::uint32_t kAnnouncementBurst = 50;
inline constexpr Millis kAnnouncementEvery{100};  // After a burst: ten a second.

// --- The admission webhook ---
// A clock that is an hour behind ours takes what we make.
inline constexpr Millis kCertificateBackdated = std::chrono::hours(1);
// Renewed at two thirds of its life: a month for whoever must notice that it is not.
inline constexpr Millis kCertificateGoodFor = std::chrono::days(90);
inline constexpr Millis kCertificateRenewed = std::chrono::days(30);
// Must outlive every certificate that it issues.
inline constexpr Millis kAuthorityGoodFor = std::chrono::days(3650);
inline constexpr Millis kAuthorityRenewed = std::chrono::days(365);
// The API server is told within a minute; whoever was away for longer finds it out here.
inline constexpr Millis kAuthorityKnownAfter = std::chrono::hours(1);
// How often Secret and configuration are looked at: what others changed is mended by then.
inline constexpr Millis kWebhookLook{60'000};
inline constexpr Millis kWebhookRetryFirst{1'000};  // Doubles up to kWebhookLook.

}  // namespace raycord

// Certificates for the admission webhook: an authority of our own, and what it issues. ECDSA P-256.
//
//   auto authority = make_authority(now);
//   auto identity = make_certificate(*authority, {"raycord-webhook.ray-system.svc"}, now);
//
// Everything is PEM text. Keys are in the results and nowhere else, in no error message either.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace raycord {

struct Identity {
  std::string certificate;
  std::string key;  // A secret.
};

// `now` is wall time. What is made is good from kCertificateBackdated before it.
Result<Identity> make_authority(Time now);
// `names`: DNS names and IP addresses.
Result<Identity> make_certificate(const Identity& authority, const std::vector<std::string>& names,
                                  Time now);

struct Validity {
  Time from{};
  Time until{};
};
// Nothing: that is no certificate.
std::optional<Validity> validity_of(const std::string& certificate);

// The certificates of a PEM text, each by itself, in order.
std::vector<std::string> split_certificates(std::string_view text);

bool is_issued_by(const std::string& certificate, const std::string& authority);
bool is_for(const std::string& certificate, const std::vector<std::string>& names);
bool belongs_to(const std::string& key, const std::string& certificate);

}  // namespace raycord

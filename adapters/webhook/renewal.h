// Renewal decides what of the webhook's keys is still good, and makes what is not.
//
// A certificate is renewed kCertificateRenewed before its end, and at once when it cannot be used.
// An authority is renewed kAuthorityRenewed before its end; the older ones stay trusted until they
// expire, and the newest issues nothing for kAuthorityKnownAfter, unless there is nothing else: by
// then the API server has been told to trust it.

#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "formats/webhook_objects.h"

namespace raycord {

struct Renewed {
  WebhookKeys keys;
  std::vector<std::string> news;  // What was made, for people; empty: all is good as it is.
  Time good_until{};              // The certificate.
};

// `names` are what the certificate must be for; `now` is wall time.
Result<Renewed> renew(WebhookKeys keys, const std::vector<std::string>& names, Time now);

}  // namespace raycord

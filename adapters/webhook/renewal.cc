#include "adapters/webhook/renewal.h"

#include <algorithm>
#include <utility>

#include "adapters/limits.h"
#include "adapters/webhook/certificates.h"

namespace raycord {
namespace {

// Nothing: it is none, or not good at `now`.
std::optional<Validity> good_at(const std::string& certificate, Time now) {
  const auto validity = validity_of(certificate);
  if (!validity || now < validity->from || now >= validity->until) return std::nullopt;
  return validity;
}

class Renewal {
 public:
  Renewal(WebhookKeys keys, const std::vector<std::string>& names, Time now)
      : names_(names), now_(now) {
    renewed_.keys = std::move(keys);
  }

  Result<Renewed> run() {
    if (Outcome done = renew_authority(); !done) return fail(done.error());
    if (Outcome done = renew_certificate(); !done) return fail(done.error());
    const auto validity = validity_of(renewed_.keys.certificate);
    if (validity) renewed_.good_until = validity->until;
    return std::move(renewed_);
  }

 private:
  Outcome renew_authority() {
    WebhookKeys& keys = renewed_.keys;
    for (std::string& each : split_certificates(keys.authorities)) {
      if (good_at(each, now_)) authorities_.push_back(std::move(each));
    }
    // The key is the first one's. When that has expired it is nobody's any more.
    const bool usable =
        !authorities_.empty() && belongs_to(keys.authority_key, authorities_.front());
    if (!usable || validity_of(authorities_.front())->until - now_ < kAuthorityRenewed) {
      auto made = make_authority(now_);
      if (!made) return fail(made.error());
      authorities_.insert(authorities_.begin(), made->certificate);
      keys.authority_key = std::move(made->key);
      note("an authority", authorities_.front());
    }
    keys.authorities.clear();
    for (const std::string& each : authorities_) keys.authorities += each;
    return Done{};
  }

  Outcome renew_certificate() {
    WebhookKeys& keys = renewed_.keys;
    const auto validity = good_at(keys.certificate, now_);
    const bool usable =
        validity && belongs_to(keys.key, keys.certificate) && is_for(keys.certificate, names_) &&
        std::any_of(authorities_.begin(), authorities_.end(), [&](const std::string& authority) {
          return is_issued_by(keys.certificate, authority);
        });
    if (usable) {
      if (validity->until - now_ >= kCertificateRenewed) return Done{};
      const Time made_at = validity_of(authorities_.front())->from + kCertificateBackdated;
      if (authorities_.size() > 1 && now_ < made_at + kAuthorityKnownAfter) return Done{};
    }
    auto made = make_certificate({authorities_.front(), keys.authority_key}, names_, now_);
    if (!made) return fail(made.error());
    keys.certificate = std::move(made->certificate);
    keys.key = std::move(made->key);
    note("a certificate", keys.certificate);
    return Done{};
  }

  void note(const std::string& what, const std::string& certificate) {
    renewed_.news.push_back("made " + what + " for the webhook, good until " +
                            to_rfc3339(validity_of(certificate)->until));
  }

  const std::vector<std::string>& names_;
  Time now_;
  std::vector<std::string> authorities_;  // The newest first.
  Renewed renewed_;
};

}  // namespace

Result<Renewed> renew(WebhookKeys keys, const std::vector<std::string>& names, Time now) {
  return Renewal(std::move(keys), names, now).run();
}

}  // namespace raycord

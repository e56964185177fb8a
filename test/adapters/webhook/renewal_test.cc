#include "adapters/webhook/renewal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "adapters/webhook/certificates.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::vector<std::string> kNames = {"raycord-webhook.ray-system.svc", "127.0.0.1"};

class RenewalTest : public testing::Test {
 protected:
  // What was made.
  std::vector<std::string> renew_at(Time now) {
    auto renewed = renew(keys_, kNames, now);
    EXPECT_TRUE(renewed);
    if (!renewed) return {"failed"};
    keys_ = std::move(renewed->keys);
    good_until_ = renewed->good_until;
    return renewed->news;
  }

  std::vector<std::string> authorities() const { return split_certificates(keys_.authorities); }

  // As the API server checks it.
  bool trusted(Time now) const {
    for (const std::string& authority : authorities()) {
      const auto good = validity_of(authority);
      if (is_issued_by(keys_.certificate, authority) && now < good->until) return true;
    }
    return false;
  }

  const Time start_ = *from_rfc3339("2026-11-26T12:00:00Z");
  WebhookKeys keys_;
  Time good_until_{};
};

TEST_F(RenewalTest, MakesWhatIsNotThere) {
  EXPECT_THAT(renew_at(start_),
              ElementsAre("made an authority for the webhook, good until 2036-11-23T12:00:00Z",
                          "made a certificate for the webhook, good until 2027-02-24T12:00:00Z"));
  EXPECT_EQ(good_until_, start_ + kCertificateGoodFor);
  EXPECT_TRUE(trusted(start_));
  EXPECT_TRUE(is_for(keys_.certificate, kNames));
  EXPECT_FALSE(is_for(keys_.certificate, {"raycord-webhook.other.svc"}));
  EXPECT_FALSE(is_for(keys_.certificate, {"127.0.0.2"}));
  EXPECT_TRUE(belongs_to(keys_.key, keys_.certificate));
  EXPECT_EQ(validity_of(keys_.certificate)->from, start_ - kCertificateBackdated);
}

TEST_F(RenewalTest, LeavesWhatIsGood) {
  renew_at(start_);
  const WebhookKeys before = keys_;
  EXPECT_THAT(renew_at(start_ + kCertificateGoodFor - kCertificateRenewed), IsEmpty());
  EXPECT_EQ(keys_, before);
}

TEST_F(RenewalTest, RenewsTheCertificateBeforeItEnds) {
  renew_at(start_);
  const std::string authority = keys_.authorities;
  const Time due = start_ + kCertificateGoodFor - kCertificateRenewed + 1s;
  EXPECT_THAT(renew_at(due), ElementsAre(StartsWith("made a certificate")));
  EXPECT_EQ(good_until_, due + kCertificateGoodFor);
  EXPECT_EQ(keys_.authorities, authority);
  EXPECT_TRUE(trusted(due));
}

// The old one is trusted until it expires, and the new one issues nothing before it is known.
TEST_F(RenewalTest, RenewsTheAuthorityWithoutAGap) {
  renew_at(start_);
  const Time due = start_ + kAuthorityGoodFor - kAuthorityRenewed + 1s;
  renew_at(due - 2s);  // A certificate that is good.
  const std::string certificate = keys_.certificate;
  EXPECT_THAT(renew_at(due), ElementsAre(StartsWith("made an authority")));
  EXPECT_THAT(authorities(), SizeIs(2));
  EXPECT_EQ(keys_.certificate, certificate);
  EXPECT_TRUE(trusted(due));

  const Time next = due + kCertificateGoodFor - kCertificateRenewed;
  EXPECT_THAT(renew_at(next), ElementsAre(StartsWith("made a certificate")));
  EXPECT_TRUE(is_issued_by(keys_.certificate, authorities().front()));
  EXPECT_THAT(authorities(), SizeIs(2));

  const Time end = start_ + kAuthorityGoodFor;
  renew_at(end - 1s);
  EXPECT_THAT(authorities(), SizeIs(2));
  renew_at(end);
  EXPECT_THAT(authorities(), SizeIs(1));
  EXPECT_TRUE(trusted(end));
}

TEST_F(RenewalTest, WaitsUntilANewAuthorityIsKnown) {
  renew_at(start_);
  const Time due = start_ + kAuthorityGoodFor - kAuthorityRenewed + 1s;
  // A certificate whose own renewal is due in the same moment.
  renew_at(due - (kCertificateGoodFor - kCertificateRenewed));
  EXPECT_THAT(renew_at(due + 1s), ElementsAre(StartsWith("made an authority")));
  EXPECT_THAT(renew_at(due + kAuthorityKnownAfter - 1s), IsEmpty());
  EXPECT_THAT(renew_at(due + 1s + kAuthorityKnownAfter),
              ElementsAre(StartsWith("made a certificate")));
}

// Nothing to lose: it would not be trusted anyway.
TEST_F(RenewalTest, StartsAnewWhereAllHasExpired) {
  renew_at(start_);
  const Time late = start_ + kAuthorityGoodFor + 24h;
  EXPECT_THAT(renew_at(late), SizeIs(2));
  EXPECT_THAT(authorities(), SizeIs(1));
  EXPECT_TRUE(trusted(late));
}

TEST_F(RenewalTest, MendsDamage) {
  renew_at(start_);
  const WebhookKeys good = keys_;
  const auto broken = [&](auto member) {
    keys_ = good;
    keys_.*member = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    const std::vector<std::string> made = renew_at(start_);
    EXPECT_TRUE(trusted(start_));
    EXPECT_TRUE(belongs_to(keys_.key, keys_.certificate));
    EXPECT_TRUE(belongs_to(keys_.authority_key, authorities().front()));
    return made.size();
  };
  EXPECT_EQ(broken(&WebhookKeys::certificate), 1U);
  EXPECT_EQ(broken(&WebhookKeys::key), 1U);
  EXPECT_EQ(broken(&WebhookKeys::authorities), 2U);
  EXPECT_EQ(broken(&WebhookKeys::authority_key), 1U);
}

TEST_F(RenewalTest, IssuesForOtherNames) {
  renew_at(start_);
  auto renewed = renew(keys_, {"raycord-webhook.team-a.svc"}, start_);
  ASSERT_TRUE(renewed);
  EXPECT_THAT(renewed->news, ElementsAre(StartsWith("made a certificate")));
}

}  // namespace
}  // namespace raycord

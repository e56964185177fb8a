// The admission webhook of the operator as people run it.

#include "operator/limits.h"
#include "operator/webhook.h"
#include "test/operator/process_fixture.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::Not;

class WebhookProcessTest : public ProcessTest {};

TEST_F(WebhookProcessTest, MakesItsKeysAndShowsThemToNobody) {
  const auto process = start_operator(
      {"--enable-webhooks", "--webhook-address=127.0.0.1:0", "--webhook-namespace=default"});
  EXPECT_TRUE(process->says("serves the admission webhook")) << process->lines();
  EXPECT_TRUE(process->says("made a certificate for the webhook")) << process->lines();
  // The embedded cluster knows no such objects; the operator goes on without.
  EXPECT_TRUE(process->says("ValidatingWebhookConfiguration raycord-webhook")) << process->lines();
  EXPECT_TRUE(process->says("leadership gained")) << process->lines();
  const ProgramEnd secret = kubectl({"get", "secret", "raycord-webhook-cert", "-o", "name"});
  EXPECT_EQ(secret.exit_code, 0) << secret.last_error_line;
  EXPECT_EQ(process->stop(), 0) << process->lines();
  EXPECT_THAT(process->lines(), Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(raycord({"log", "ls"}).output, Not(HasSubstr("raycord-webhook-cert")));
}

// A second start finds the keys of the first.
TEST_F(WebhookProcessTest, FindsItsKeysAgain) {
  const std::vector<std::string> flags = {"--enable-webhooks", "--webhook-address=127.0.0.1:0",
                                          "--webhook-namespace=default"};
  {
    const auto process = start_operator(flags);
    EXPECT_TRUE(process->says("made a certificate for the webhook")) << process->lines();
    EXPECT_EQ(process->stop(), 0);
  }
  const auto process = start_operator(flags);
  EXPECT_TRUE(process->says("ValidatingWebhookConfiguration raycord-webhook")) << process->lines();
  EXPECT_THAT(process->lines(), Not(HasSubstr("made a certificate")));
  EXPECT_EQ(process->stop(), 0);
}

TEST_F(WebhookProcessTest, EndsWhenItsPortIsTaken) {
  WebhookServer taken(kWebhookConnection);
  ASSERT_TRUE(taken.listen("127.0.0.1:0"));
  const auto process =
      start_operator({"--enable-webhooks", "--webhook-address=" + taken.address()});
  EXPECT_EQ(process->end(), code(ExitCode::CannotStart)) << process->lines();
  EXPECT_THAT(process->lines(), HasSubstr("give another --webhook-address"));
}

TEST(WebhookTermsTest, NameTheServiceAsTheClusterDoes) {
  Flags flags;
  flags.webhook_names = {"127.0.0.1"};
  const WebhookTerms terms = webhook_terms(flags, "ray-system");
  EXPECT_THAT(terms.names, testing::ElementsAre("raycord-webhook.ray-system.svc",
                                                "raycord-webhook.ray-system.svc.cluster.local",
                                                "raycord-webhook.ray-system", "127.0.0.1"));
}

}  // namespace
}  // namespace raycord

// WebhookKeeper keeps the admission webhook trusted: it shares keys with other replicas in a
// Secret, renews them in time, and has the API server trust their authority.
//
//   WebhookKeeper keeper(terms, api, transport, [&](const WebhookKeys& keys) { server.use(keys);
//   }); keeper.tick(now);   // whenever something came in, and at next_wake()
//
// It writes two objects of ours and nothing of Ray's, so it needs no leadership and no log:
// whichever replica is first makes the Secret, the others find it. A write that comes too late is
// answered by a conflict, and then it looks again.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "adapters/limits.h"
#include "core/time.h"
#include "formats/webhook_objects.h"

namespace raycord {

struct WebhookTerms {
  std::string ns;  // Of the Secret.
  std::string secret = "raycord-webhook-cert";
  std::string configuration = "raycord-webhook";
  std::vector<std::string> names = {};  // What the certificate is for.
  std::function<Time()> wall_clock = {};
};

class WebhookKeeper final : public HttpListener {
 public:
  // `use` is called with the first keys and with each that are renewed.
  using Use = std::function<void(const WebhookKeys& keys)>;

  WebhookKeeper(WebhookTerms terms, const KubeApi& api, HttpTransport& transport, Use use);
  ~WebhookKeeper() override;
  WebhookKeeper(const WebhookKeeper&) = delete;
  WebhookKeeper& operator=(const WebhookKeeper&) = delete;

  void tick(Time now);
  Time next_wake() const;

  // What was made or written since the last such answer, for people.
  std::vector<std::string> take_news();
  // Why it does not get on; empty: it does.
  const std::string& trouble() const { return trouble_; }
  Time good_until() const { return good_until_; }  // Of the certificate in use; Time{}: none.

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  enum class Call : std::uint8_t { GetSecret, WriteSecret, GetConfiguration, PatchConfiguration };

  void start(Call call, HttpRequest request);
  void get_secret();
  void take_secret(const HttpOutcome& outcome);
  void settle_keys(WebhookKeys keys, const std::string& current);
  void adopt();
  void get_configuration();
  void take_configuration(const HttpOutcome& outcome);
  void rest();
  void retry(const std::string& why);
  std::string secret_path(bool collection) const;
  std::string configuration_path() const;

  WebhookTerms terms_;
  const KubeApi& api_;
  HttpTransport& transport_;
  Use use_;

  std::uint64_t call_ = 0;  // Under way; 0: none.
  Call what_ = Call::GetSecret;
  Time now_{};     // Of the newest tick or answer.
  Time called_{};  // When the call under way was made.
  Time next_{};
  Millis wait_ = kWebhookRetryFirst;

  WebhookKeys proposed_;  // Not in use before the Secret has them.
  Time proposed_until_{};
  std::vector<std::string> proposed_news_;
  WebhookKeys keys_;  // In use.
  Time good_until_{};
  std::vector<std::string> news_;
  std::string trouble_;
};

}  // namespace raycord

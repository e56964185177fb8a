// Webhook is the admission webhook of this process: the server that answers, and what keeps it
// trusted. Leading or not, every replica has one, for the API server asks any of them.
//
//   Webhook webhook(terms, lines);
//   Outcome ready = webhook.listen(":9443");
//   webhook.keep(api, transport);      // once there is an API server
//   webhook.tick(now);                 // from the thread that drives the transport

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/kube/kube_api.h"
#include "adapters/webhook/webhook_keeper.h"
#include "operator/flags.h"
#include "operator/log_lines.h"
#include "operator/metrics.h"
#include "operator/webhook_server.h"

namespace raycord {

class Webhook {
 public:
  explicit Webhook(LogLines& lines);

  Outcome listen(const std::string& address);
  void keep(WebhookTerms terms, KubeApi api, HttpTransport& transport);
  void tick(Time now);

  // From any thread.
  ReviewsView view() const;

 private:
  void say_trouble(Time now);

  LogLines& lines_;
  WebhookServer server_;
  std::unique_ptr<KubeApi> api_;
  std::unique_ptr<WebhookKeeper> keeper_;
  std::atomic<std::int64_t> good_until_{0};  // Milliseconds.
  std::string said_;                         // The trouble, and when.
  Time said_at_{};
};

// What the flags say, with the names that the Service has inside the cluster. `ns`: where the flags
// name none.
WebhookTerms webhook_terms(const Flags& flags, const std::string& ns);

}  // namespace raycord

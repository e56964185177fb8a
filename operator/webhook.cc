#include "operator/webhook.h"

#include <utility>

#include "operator/clock.h"
#include "operator/limits.h"

namespace raycord {

WebhookTerms webhook_terms(const Flags& flags, const std::string& ns) {
  WebhookTerms terms;
  terms.ns = flags.webhook_namespace.empty() ? ns : flags.webhook_namespace;
  terms.secret = flags.webhook_secret;
  terms.configuration = flags.webhook_configuration;
  const std::string short_name = flags.webhook_service + "." + terms.ns;
  terms.names = {short_name + ".svc", short_name + ".svc." + flags.rules.cluster_domain,
                 short_name};
  for (const std::string& name : flags.webhook_names) terms.names.push_back(name);
  terms.wall_clock = [] { return read_system_clock().wall; };
  return terms;
}

Webhook::Webhook(LogLines& lines) : lines_(lines), server_(kWebhookConnection) {}

Outcome Webhook::listen(const std::string& address) {
  if (Outcome ready = server_.listen(address); !ready) return ready;
  lines_.say(Level::Info, "serves the admission webhook", {{"address", server_.address()}});
  return Done{};
}

void Webhook::keep(WebhookTerms terms, KubeApi api, HttpTransport& transport) {
  api_ = std::make_unique<KubeApi>(std::move(api));
  keeper_ = std::make_unique<WebhookKeeper>(
      std::move(terms), *api_, transport, [this](const WebhookKeys& keys) {
        const Outcome used = server_.use(keys.certificate, keys.key);
        if (!used) lines_.say(Level::Error, used.error().message);
      });
}

void Webhook::tick(Time now) {
  if (!keeper_) return;
  keeper_->tick(now);
  good_until_ = keeper_->good_until().time_since_epoch().count();
  for (const std::string& line : keeper_->take_news()) lines_.say(Level::Info, line);
  say_trouble(now);
}

void Webhook::say_trouble(Time now) {
  const std::string& trouble = keeper_->trouble();
  if (trouble.empty()) return said_.clear();
  if (trouble == said_ && now < said_at_ + kTroubleRepeated) return;
  said_ = trouble;
  said_at_ = now;
  lines_.say(Level::Warning, "the admission webhook: " + trouble);
}

ReviewsView Webhook::view() const {
  const WebhookServer::Answers answers = server_.answers();
  return {answers.allowed, answers.refused, answers.unanswered, Time(Millis(good_until_))};
}

}  // namespace raycord

#include "adapters/webhook/webhook_keeper.h"

#include <algorithm>
#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/webhook/renewal.h"

namespace raycord {
namespace {

bool has_status(const HttpOutcome& outcome, int status) {
  return !outcome.failure && outcome.response.status == status;
}

}  // namespace

WebhookKeeper::WebhookKeeper(WebhookTerms terms, const KubeApi& api, HttpTransport& transport,
                             Use use)
    : terms_(std::move(terms)), api_(api), transport_(transport), use_(std::move(use)) {}

WebhookKeeper::~WebhookKeeper() {
  if (call_ != 0) transport_.cancel(call_);
}

void WebhookKeeper::tick(Time now) {
  now_ = std::max(now_, now);
  if (call_ == 0 && now_ >= next_) get_secret();
}

Time WebhookKeeper::next_wake() const { return call_ != 0 ? Time::max() : next_; }

std::vector<std::string> WebhookKeeper::take_news() { return std::exchange(news_, {}); }

std::string WebhookKeeper::secret_path(bool collection) const {
  const std::string secrets = "/api/v1/namespaces/" + url_encode(terms_.ns) + "/secrets";
  return collection ? secrets : secrets + "/" + url_encode(terms_.secret);
}

std::string WebhookKeeper::configuration_path() const {
  return "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/" +
         url_encode(terms_.configuration);
}

void WebhookKeeper::start(Call call, HttpRequest request) {
  what_ = call;
  called_ = now_;
  call_ = transport_.start(std::move(request), *this);
}

void WebhookKeeper::on_done(std::uint64_t id, HttpOutcome outcome) {
  if (id != call_) return;
  call_ = 0;
  now_ = std::max(now_, called_ + outcome.elapsed);
  api_.note_answer(outcome);
  switch (what_) {
    case Call::GetSecret:
      return take_secret(outcome);
    case Call::WriteSecret:
      if (is_success(outcome)) return adopt();
      // Another replica was faster, or the Secret is gone: its keys count, or new ones.
      if (has_status(outcome, kConflict)) return get_secret();
      return retry("Secret " + terms_.ns + "/" + terms_.secret + ": " + message_of(outcome));
    case Call::GetConfiguration:
      return take_configuration(outcome);
    case Call::PatchConfiguration:
      if (!is_success(outcome)) {
        return retry("ValidatingWebhookConfiguration " + terms_.configuration + ": " +
                     message_of(outcome));
      }
      news_.push_back("had the API server trust the webhook's authority");
      return rest();
  }
}

void WebhookKeeper::get_secret() {
  start(Call::GetSecret, api_.request("GET", secret_path(false), now_));
}

void WebhookKeeper::take_secret(const HttpOutcome& outcome) {
  const std::string name = "Secret " + terms_.ns + "/" + terms_.secret;
  if (has_status(outcome, kNotFound)) return settle_keys({}, "");
  if (!is_success(outcome)) return retry(name + ": " + message_of(outcome));
  auto secret = read_webhook_secret(outcome.response.body);
  if (!secret) return retry(name + ": " + secret.error().message);
  if (!secret->ours) {
    return retry(name + " is not ours, it has no label " + kWebhookLabel +
                 ": delete it, or give --webhook-secret another name");
  }
  settle_keys(std::move(secret->keys), outcome.response.body);
}

// `current`: the Secret as it is; empty: there is none.
void WebhookKeeper::settle_keys(WebhookKeys keys, const std::string& current) {
  auto renewed = renew(std::move(keys), terms_.names, terms_.wall_clock());
  if (!renewed) return retry(renewed.error().message);
  proposed_ = std::move(renewed->keys);
  proposed_until_ = renewed->good_until;
  proposed_news_ = std::move(renewed->news);
  if (proposed_news_.empty() && !current.empty()) return adopt();
  HttpRequest request =
      api_.request(current.empty() ? "POST" : "PUT", secret_path(current.empty()), now_);
  request.headers.push_back({"content-type", "application/json"});
  if (current.empty()) {
    request.body = webhook_secret(terms_.ns, terms_.secret, proposed_);
  } else {
    auto body = webhook_secret(current, proposed_);
    if (!body) return retry(body.error().message);
    request.body = std::move(*body);
  }
  start(Call::WriteSecret, std::move(request));
}

void WebhookKeeper::adopt() {
  for (std::string& line : proposed_news_) news_.push_back(std::move(line));
  proposed_news_.clear();
  good_until_ = proposed_until_;
  if (proposed_ != keys_) {
    keys_ = std::move(proposed_);
    use_(keys_);
  }
  get_configuration();
}

void WebhookKeeper::get_configuration() {
  start(Call::GetConfiguration, api_.request("GET", configuration_path(), now_));
}

void WebhookKeeper::take_configuration(const HttpOutcome& outcome) {
  const std::string name = "ValidatingWebhookConfiguration " + terms_.configuration;
  if (!is_success(outcome)) return retry(name + ": " + message_of(outcome));
  const auto patch = trust_patch(outcome.response.body, keys_.authorities);
  if (!patch) return retry(name + ": " + patch.error().message);
  if (!*patch) return rest();
  HttpRequest request = api_.request("PATCH", configuration_path(), now_);
  request.headers.push_back({"content-type", "application/json-patch+json"});
  request.body = **patch;
  start(Call::PatchConfiguration, std::move(request));
}

void WebhookKeeper::rest() {
  trouble_.clear();
  wait_ = kWebhookRetryFirst;
  next_ = now_ + kWebhookLook;
}

void WebhookKeeper::retry(const std::string& why) {
  trouble_ = why;
  next_ = now_ + wait_;
  wait_ = std::min(wait_ * 2, kWebhookLook);
}

}  // namespace raycord

// The Kubernetes objects of our admission webhook as text: its Secret, and its
// ValidatingWebhookConfiguration.
//
// Errors and patches never show a key.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

// Keys and certificates of the webhook, PEM each. Members are empty where the Secret has none.
struct WebhookKeys {
  std::string authorities;    // "ca.crt": the newest first, then older ones until they expire.
  std::string authority_key;  // "ca.key": of the newest. A secret.
  std::string certificate;    // "tls.crt"
  std::string key;            // "tls.key". A secret.

  bool operator==(const WebhookKeys&) const = default;
};

// On the Secret, so that nobody else's is ever overwritten.
inline constexpr const char* kWebhookLabel = "raycord.io/webhook";

struct WebhookSecret {
  bool ours = false;  // It has the label.
  WebhookKeys keys;   // What is no base64 counts as not there.
};
Result<WebhookSecret> read_webhook_secret(std::string_view text);

// A new one; and `current` with other keys, to be put in its place if it did not change meanwhile.
std::string webhook_secret(const std::string& ns, const std::string& name, const WebhookKeys& keys);
Result<std::string> webhook_secret(std::string_view current, const WebhookKeys& keys);

// The JSON patch that makes every webhook of a ValidatingWebhookConfiguration trust `authorities`;
// nothing when each does. It fails when the webhooks changed places meanwhile.
Result<std::optional<std::string>> trust_patch(std::string_view configuration,
                                               const std::string& authorities);

}  // namespace raycord

#include "operator/ray_tokens.h"

#include <utility>

#include "adapters/kube/kube_api.h"
#include "formats/json_field.h"
#include "operator/limits.h"

namespace raycord {
namespace {

constexpr const char* kTokenKey = "auth_token";  // KubeRay's.

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> decode_base64(const std::string& text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xFFU);
  }
  return bytes;
}

}  // namespace

std::optional<std::string> token_in_secret(const std::string& json) {
  const auto encoded = json_text_at(json, {"data", kTokenKey});
  if (!encoded) return std::nullopt;
  auto token = decode_base64(*encoded);
  if (!token || token->empty()) return std::nullopt;
  return token;
}

RayTokens::RayTokens(Fetch fetch, std::function<Time()> now)
    : fetch_(std::move(fetch)), now_(std::move(now)) {}

std::optional<std::string> RayTokens::token(const std::string& ns, const std::string& secret) {
  const std::pair key(ns, secret);
  Held& held = held_[key];
  const Time now = now_();
  const Millis age = held.token ? kTokenAge : kStartRetryFirst;
  const bool due = held.asked_at == Time{} || now >= held.asked_at + age;
  if (due && !held.asking) {
    held.asking = true;
    held.asked_at = now;
    const std::string path =
        "/api/v1/namespaces/" + url_encode(ns) + "/secrets/" + url_encode(secret);
    // A token that cannot be read again stays in use: Ray will say what it thinks of it.
    fetch_(path, [this, key](const HttpOutcome& outcome) {
      Held& known = held_[key];
      known.asking = false;
      if (!is_success(outcome)) return;
      if (auto token = token_in_secret(outcome.response.body)) known.token = std::move(token);
    });
  }
  return held.token;
}

}  // namespace raycord

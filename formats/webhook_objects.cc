#include "formats/webhook_objects.h"

#include <array>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace raycord {
namespace {

using Json = nlohmann::json;
using Member = std::string WebhookKeys::*;

constexpr std::array<std::pair<const char*, Member>, 4> kMembers = {{
    {"ca.crt", &WebhookKeys::authorities},
    {"ca.key", &WebhookKeys::authority_key},
    {"tls.crt", &WebhookKeys::certificate},
    {"tls.key", &WebhookKeys::key},
}};

std::string to_base64(const std::string& bytes) {
  std::vector<unsigned char> text(4 * ((bytes.size() + 2) / 3) + 1);
  const int length =
      EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + length};
}

// Empty where it is no base64.
std::string from_base64(const std::string& text) {
  std::vector<unsigned char> bytes(3 * (text.size() / 4) + 3);
  const int length =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) return {};
  std::string found(bytes.begin(), bytes.begin() + length);
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '=' && !found.empty(); --i) {
    found.pop_back();
  }
  return found;
}

// An object's member that is an object; an empty one where it is not there.
Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : Json::object();
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<Json> read_object(std::string_view text, const char* kind) {
  Json object = Json::parse(text, nullptr, false);
  if (!object.is_object() || text_of(object, "kind") != kind) {
    return fail(ErrorCode::InvalidInput, std::string("the answer is no ") + kind);
  }
  return object;
}

void set_keys(Json& secret, const WebhookKeys& keys) {
  Json data = member(secret, "data");
  for (const auto& [name, of] : kMembers) data[name] = to_base64(keys.*of);
  secret["data"] = std::move(data);
}

}  // namespace

Result<WebhookSecret> read_webhook_secret(std::string_view text) {
  const auto object = read_object(text, "Secret");
  if (!object) return fail(object.error());
  WebhookSecret secret;
  secret.ours = member(member(*object, "metadata"), "labels").contains(kWebhookLabel);
  const Json data = member(*object, "data");
  for (const auto& [name, of] : kMembers) secret.keys.*of = from_base64(text_of(data, name));
  return secret;
}

std::string webhook_secret(const std::string& ns, const std::string& name,
                           const WebhookKeys& keys) {
  Json secret = {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", "kubernetes.io/tls"},
      {"metadata", {{"namespace", ns}, {"name", name}, {"labels", {{kWebhookLabel, "keys"}}}}}};
  set_keys(secret, keys);
  return secret.dump();
}

Result<std::string> webhook_secret(std::string_view current, const WebhookKeys& keys) {
  auto secret = read_object(current, "Secret");
  if (!secret) return fail(secret.error());
  set_keys(*secret, keys);
  return secret->dump();
}

Result<std::optional<std::string>> trust_patch(std::string_view configuration,
                                               const std::string& authorities) {
  const auto object = read_object(configuration, "ValidatingWebhookConfiguration");
  if (!object) return fail(object.error());
  const std::string bundle = to_base64(authorities);
  Json patch = Json::array();
  const auto webhooks = object->find("webhooks");
  const bool listed = webhooks != object->end() && webhooks->is_array();
  for (std::size_t i = 0; listed && i < webhooks->size(); ++i) {
    const Json& webhook = (*webhooks)[i];
    if (!webhook.is_object()) continue;
    if (text_of(member(webhook, "clientConfig"), "caBundle") == bundle) continue;
    const std::string path = "/webhooks/" + std::to_string(i);
    patch.push_back(
        {{"op", "test"}, {"path", path + "/name"}, {"value", text_of(webhook, "name")}});
    patch.push_back({{"op", "add"}, {"path", path + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  if (patch.empty()) return std::optional<std::string>();
  return std::optional<std::string>(patch.dump());
}

}  // namespace raycord

#include "adapters/kube/credentials.h"

#include <algorithm>
#include <utility>

#include "adapters/kube/kube_config_values.h"

namespace raycord {

Outcome Credentials::prepare(Time now) {
  const auto ready = headers(now);
  if (!ready) return fail(ready.error());
  return Done{};
}

TokenFileCredentials::TokenFileCredentials(std::string path, std::string fallback,
                                           std::string described)
    : path_(std::move(path)), described_(std::move(described)), token_(std::move(fallback)) {}

Result<std::vector<HttpHeader>> TokenFileCredentials::headers(Time now) {
  // A clock that was set back must not keep a token for longer.
  const bool fresh = read_at_ && now >= *read_at_ && now - *read_at_ < kTokenFileAge;
  if (!fresh) {
    const auto text = read_small_file(path_, described_);
    const auto token = text ? clean_token(*text, described_) : fail(text.error());
    if (token) {
      token_ = *token;
      read_at_ = now;
    } else if (token_.empty()) {
      return fail(token.error());
    }
  }
  return std::vector<HttpHeader>{bearer_header(token_)};
}

Result<std::vector<HttpHeader>> CredentialsWithHeaders::headers(Time now) {
  auto headers = inner_->headers(now);
  if (headers) headers->insert(headers->end(), extra_.begin(), extra_.end());
  return headers;
}

HttpHeader bearer_header(const std::string& token) { return {"authorization", "Bearer " + token}; }

HttpHeader basic_header(const std::string& username, const std::string& password) {
  return {"authorization", "Basic " + encode_base64(username + ":" + password)};
}

Result<std::string> clean_token(const std::string& text, const std::string& described) {
  constexpr const char* kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) {
    return fail(ErrorCode::InvalidInput, described + " is empty: a bearer token is expected");
  }
  std::string token = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!plain) {
    return fail(ErrorCode::InvalidInput,
                described + " holds blanks or binary bytes: a bearer token is expected");
  }
  return token;
}

}  // namespace raycord

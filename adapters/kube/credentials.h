// Credentials prove to the API server who we are: headers for each request, and with some plugins a
// client certificate. They may change at any time, so they are asked for each request.
//
//   Outcome ready = endpoint.credentials->prepare(now);  // at start-up, may take kExecLimit
//   auto headers = endpoint.credentials->headers(now);   // per request, on the net thread
//   if (status == 401) endpoint.credentials->rejected();
//
// headers() never waits: a token file is read again at most every kTokenFileAge, and an exec plugin
// runs in a thread of its own while the old credentials serve on. Where none are valid headers()
// says so, and on_renewed tells when it is worth asking again. Secrets appear in no error message.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/tls_options.h"
#include "core/result.h"
#include "core/time.h"
#include "formats/http.h"

namespace raycord {

// Kubelet renews projected tokens well before they end; this is what client libraries use.
inline constexpr Millis kTokenFileAge{60'000};

class Credentials {
 public:
  virtual ~Credentials() = default;

  // `now` is wall time: tokens say when they end.
  virtual Result<std::vector<HttpHeader>> headers(Time now) = 0;

  // Makes the first headers() succeed, or says why it cannot. May block; for start-up.
  virtual Outcome prepare(Time now);

  // The API server answered 401: what is cached is not used again.
  virtual void rejected() {}

  // `tls` with the client certificate that the credentials bring, if any. Ask after prepare() and
  // again whenever they were renewed.
  virtual TlsOptions with_identity(TlsOptions tls) const { return tls; }

  // Called from another thread whenever there is something new: a good place for wake().
  virtual void on_renewed(std::function<void()>) {}
};

// The same headers for ever: token, user name and password, or nobody.
class FixedCredentials final : public Credentials {
 public:
  explicit FixedCredentials(std::vector<HttpHeader> headers) : headers_(std::move(headers)) {}
  Result<std::vector<HttpHeader>> headers(Time) override { return headers_; }

 private:
  std::vector<HttpHeader> headers_;
};

// A bearer token in a file that somebody else renews. A file that cannot be read leaves the last
// token in use: it may be good for long, and the API server will tell.
class TokenFileCredentials final : public Credentials {
 public:
  // `fallback` is used until the file was read once; `described` is the place, for messages.
  TokenFileCredentials(std::string path, std::string fallback, std::string described);

  Result<std::vector<HttpHeader>> headers(Time now) override;
  void rejected() override { read_at_.reset(); }

 private:
  std::string path_;
  std::string described_;
  std::string token_;
  std::optional<Time> read_at_;
};

// Adds fixed headers (impersonation) to what another one brings.
class CredentialsWithHeaders final : public Credentials {
 public:
  CredentialsWithHeaders(std::shared_ptr<Credentials> inner, std::vector<HttpHeader> extra)
      : inner_(std::move(inner)), extra_(std::move(extra)) {}

  Result<std::vector<HttpHeader>> headers(Time now) override;
  Outcome prepare(Time now) override { return inner_->prepare(now); }
  void rejected() override { inner_->rejected(); }
  TlsOptions with_identity(TlsOptions tls) const override {
    return inner_->with_identity(std::move(tls));
  }
  void on_renewed(std::function<void()> callback) override {
    inner_->on_renewed(std::move(callback));
  }

 private:
  std::shared_ptr<Credentials> inner_;
  std::vector<HttpHeader> extra_;
};

HttpHeader bearer_header(const std::string& token);
HttpHeader basic_header(const std::string& username, const std::string& password);

// Without blanks around it; fails for an empty one and for bytes that no header can carry.
Result<std::string> clean_token(const std::string& text, const std::string& described);

}  // namespace raycord

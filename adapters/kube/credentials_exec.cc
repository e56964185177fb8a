#include "adapters/kube/credentials_exec.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapters/kube/kube_config_values.h"
#include "adapters/kube/subprocess.h"
#include "core/check.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

std::string string_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string request_of(const ExecPlugin& plugin) {
  Json spec{{"interactive", false}};
  if (!plugin.cluster_json.empty()) spec["cluster"] = Json::parse(plugin.cluster_json);
  return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}
      .dump();
}

}  // namespace

ExecCredentials::ExecCredentials(ExecPlugin plugin)
    : plugin_(std::move(plugin)), cancel_(eventfd(0, EFD_CLOEXEC)) {
  CHECK(cancel_ >= 0);
  CHECK(!plugin_.command.empty());
}

ExecCredentials::~ExecCredentials() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(cancel_, &one, sizeof one);
  if (renewal_.joinable()) renewal_.join();
  close(cancel_);
}

Result<std::vector<HttpHeader>> ExecCredentials::headers(Time now) {
  const std::lock_guard lock(mutex_);
  const bool recently = asked_at_ && now >= *asked_at_ && now - *asked_at_ < kExecRetry;
  const bool may_ask = !renewing_ && !recently;
  if (may_ask && (!valid(now) || ending(now))) start_renewal(now);
  if (valid(now)) {
    std::vector<HttpHeader> headers;
    if (!answer_->token.empty()) headers.push_back(bearer_header(answer_->token));
    return headers;
  }
  if (error_) return fail(*error_);
  return fail(ErrorCode::InUse, plugin_.described + " is still running");
}

Outcome ExecCredentials::prepare(Time now) {
  const auto first = headers(now);
  std::unique_lock lock(mutex_);
  renewed_.wait(lock, [this] { return !renewing_; });
  if (valid(now)) return Done{};
  if (error_) return fail(*error_);
  return fail(first ? Error{ErrorCode::Io, plugin_.described + " gave nothing"} : first.error());
}

void ExecCredentials::rejected() {
  const std::lock_guard lock(mutex_);
  answer_.reset();
  error_ = Error{ErrorCode::InvalidInput,
                 "the API server refused the credentials of " + plugin_.described + " (401)"};
}

TlsOptions ExecCredentials::with_identity(TlsOptions tls) const {
  const std::lock_guard lock(mutex_);
  if (answer_ && !answer_->cert_pem.empty()) {
    tls.client_cert_pem = answer_->cert_pem;
    tls.client_key_pem = answer_->key_pem;
  }
  return tls;
}

void ExecCredentials::on_renewed(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
}

bool ExecCredentials::valid(Time now) const {
  return answer_ && (!answer_->ends || now < *answer_->ends);
}

bool ExecCredentials::ending(Time now) const {
  if (!answer_ || !answer_->ends) return false;
  const Millis ahead = std::min(kExecAhead, (*answer_->ends - answer_->fetched) / 5);
  return now >= *answer_->ends - ahead;
}

void ExecCredentials::start_renewal(Time now) {
  if (renewal_.joinable()) renewal_.join();  // It has ended: renewing_ is false.
  renewing_ = true;
  asked_at_ = now;
  renewal_ = std::thread([this, now] {
    auto answer = ask(now);
    std::function<void()> callback;
    {
      const std::lock_guard lock(mutex_);
      if (answer) {
        answer_ = std::move(*answer);
        error_.reset();
      } else {
        error_ = answer.error();
      }
      renewing_ = false;
      callback = callback_;
    }
    renewed_.notify_all();
    if (callback) callback();
  });
}

Result<ExecCredentials::Answer> ExecCredentials::ask(Time now) const {
  Program program{.command = plugin_.command,
                  .environment = plugin_.environment,
                  .limit = plugin_.limit,
                  .cancel = cancel_};
  program.environment.push_back("KUBERNETES_EXEC_INFO=" + request_of(plugin_));
  const auto end = run_program(program);
  const std::string hint = plugin_.install_hint.empty() ? "" : "; " + plugin_.install_hint;
  if (!end) {
    return fail(end.error().code, plugin_.described + " " + end.error().message + hint);
  }
  if (end->exit_code != 0) {
    const std::string line = end->last_error_line.empty() ? "" : ": " + end->last_error_line;
    return fail(ErrorCode::Io, plugin_.described + " ended with exit code " +
                                   std::to_string(end->exit_code) + line + hint);
  }
  return read_answer(end->output, now);
}

Result<ExecCredentials::Answer> ExecCredentials::read_answer(const std::string& output,
                                                             Time now) const {
  const auto wrong = [this](const std::string& what) {
    return fail(ErrorCode::InvalidInput, plugin_.described + " printed " + what);
  };
  const Json root = Json::parse(output, nullptr, false);
  if (!root.is_object() || string_at(root, "kind") != "ExecCredential") {
    return wrong("no ExecCredential object in JSON");
  }
  if (const std::string version = string_at(root, "apiVersion"); version != plugin_.api_version) {
    return wrong("an ExecCredential of another apiVersion than " + plugin_.api_version);
  }
  const auto status = root.find("status");
  if (status == root.end() || !status->is_object())
    return wrong("an ExecCredential without status");
  Answer answer{.token = {},
                .cert_pem = string_at(*status, "clientCertificateData"),
                .key_pem = string_at(*status, "clientKeyData"),
                .ends = {},
                .fetched = now};
  if (answer.cert_pem.empty() != answer.key_pem.empty()) {
    return wrong("a client certificate without its key, or the reverse");
  }
  if (!answer.cert_pem.empty()) {
    const Outcome cert =
        check_certificate_pem(answer.cert_pem, "clientCertificateData of " + plugin_.described);
    if (!cert) return fail(cert.error());
    const Outcome key = check_key_pem(answer.key_pem, "clientKeyData of " + plugin_.described);
    if (!key) return fail(key.error());
  }
  if (const std::string token = string_at(*status, "token"); !token.empty()) {
    auto clean = clean_token(token, "status.token of " + plugin_.described);
    if (!clean) return fail(clean.error());
    answer.token = std::move(*clean);
  }
  if (answer.token.empty() && answer.cert_pem.empty()) {
    return wrong("neither a token nor a client certificate");
  }
  if (const std::string ends = string_at(*status, "expirationTimestamp"); !ends.empty()) {
    answer.ends = from_rfc3339(ends);
    if (!answer.ends) return wrong("an expirationTimestamp that is not a time");
    if (*answer.ends <= now) return wrong("credentials that ended at " + to_rfc3339(*answer.ends));
  }
  return answer;
}

}  // namespace raycord

// ExecCredentials come from a program of the user's: aws, gke-gcloud-auth-plugin, kubelogin and so
// on, by the protocol client.authentication.k8s.io/v1 or v1beta1.
//
// The program runs in a thread of its own, one at a time: before its answer ends, after a 401, and
// after a failure, but never again within kExecRetry.

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/kube/credentials.h"

namespace raycord {

// Plugins ask identity providers over the network, some start an interpreter first.
inline constexpr Millis kExecLimit{30'000};

// A plugin that failed, or whose answer is refused, would else be run for every request.
inline constexpr Millis kExecRetry{10'000};

// Renewed this long before the end, or for short-lived credentials at four fifths of their life.
inline constexpr Millis kExecAhead{60'000};

struct ExecPlugin {
  std::string api_version;  // "client.authentication.k8s.io/v1"
  std::vector<std::string> command;
  std::vector<std::string> environment;  // "NAME=value"
  std::string cluster_json;              // ExecCredential's spec.cluster; empty: not given.
  std::string install_hint;              // What the user is told when it is not installed.
  std::string described;  // "exec plugin 'aws' of user 'dev' in /home/u/.kube/config"
  Millis limit = kExecLimit;
};

class ExecCredentials final : public Credentials {
 public:
  explicit ExecCredentials(ExecPlugin plugin);
  ~ExecCredentials() override;  // Ends the program if it runs.
  ExecCredentials(const ExecCredentials&) = delete;
  ExecCredentials& operator=(const ExecCredentials&) = delete;

  Result<std::vector<HttpHeader>> headers(Time now) override;
  Outcome prepare(Time now) override;
  void rejected() override;
  TlsOptions with_identity(TlsOptions tls) const override;
  void on_renewed(std::function<void()> callback) override;

 private:
  struct Answer {
    std::string token;
    std::string cert_pem;
    std::string key_pem;
    std::optional<Time> ends;
    Time fetched;
  };

  Result<Answer> ask(Time now) const;
  Result<Answer> read_answer(const std::string& output, Time now) const;
  void start_renewal(Time now);  // With the mutex held.
  bool valid(Time now) const;
  bool ending(Time now) const;

  ExecPlugin plugin_;
  int cancel_ = -1;  // An eventfd.
  mutable std::mutex mutex_;
  std::condition_variable renewed_;
  std::thread renewal_;
  bool renewing_ = false;
  std::optional<Answer> answer_;
  std::optional<Error> error_;  // Why there is no answer to use; empty while the first run lasts.
  std::optional<Time> asked_at_;
  std::function<void()> callback_;
};

}  // namespace raycord

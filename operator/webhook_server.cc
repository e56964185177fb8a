#include "operator/webhook_server.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "formats/admission.h"
#include "operator/limits.h"
#include "operator/tls_guard.h"

namespace raycord {
namespace {

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr std::time_t kSilentSeconds = 5;  // Of a connection, within its limit.
constexpr const char* kServicePath = "/validate-ray-io-v1-rayservice";
constexpr const char* kClusterPath = "/validate-ray-io-v1-raycluster";

// A fixed number of threads; whoever accepts connections waits while too many wait for those.
class BoundedTasks final : public httplib::TaskQueue {
 public:
  BoundedTasks() {
    for (std::size_t i = 0; i < kWebhookThreads; ++i) threads_.emplace_back([this] { run(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < kWebhookWaiting; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void run() {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
        changed_.notify_all();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

struct Deleter {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unique_ptr<BIO, Deleter> memory_of(const std::string& text) {
  return std::unique_ptr<BIO, Deleter>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void say(httplib::Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain");
}

}  // namespace

class WebhookServer::Server {
 public:
  explicit Server(std::chrono::milliseconds connection_limit)
      : guard_({connection_limit, kWebhookBytesMax}),
        http_([this](SSL_CTX& context) { return prepare(context); }) {
    http_.new_task_queue = [] { return new BoundedTasks; };
    http_.set_keep_alive_max_count(1);
    http_.set_read_timeout(kSilentSeconds);
    http_.set_write_timeout(kSilentSeconds);
    // The library would share the port with whoever listens there already.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    answer_at(kServicePath, Kind::RayService);
    answer_at(kClusterPath, Kind::RayCluster);
    http_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      response.set_content(std::string("here AdmissionReviews are posted to ") + kServicePath +
                               " and " + kClusterPath + "\n",
                           "text/plain");
    });
  }

  ~Server() {
    if (!thread_.joinable()) return;
    guard_.cut_all();
    http_.stop();
    thread_.join();
  }

  bool listen(const std::string& host, int port) {
    port_ = port == 0 ? http_.bind_to_any_port(host.c_str())
                      : (http_.bind_to_port(host.c_str(), port) ? port : -1);
    if (port_ < 0) return false;
    host_ = host;
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    // stop() is without effect on a server that has not begun.
    while (!http_.is_running()) std::this_thread::yield();
    return true;
  }

  std::string address() const { return host_ + ":" + std::to_string(port_); }

  Outcome use(const std::string& certificate, const std::string& key) {
    const auto certificate_text = memory_of(certificate);
    const auto key_text = memory_of(key);
    std::unique_ptr<X509, Deleter> x(
        PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
    std::unique_ptr<EVP_PKEY, Deleter> secret(
        PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    if (!x || !secret || X509_check_private_key(x.get(), secret.get()) != 1) {
      return fail(ErrorCode::InvalidInput, "the webhook's certificate and key are no pair");
    }
    const std::lock_guard lock(mutex_);
    certificate_ = std::move(x);
    key_ = std::move(secret);
    return Done{};
  }

  Answers answers() const { return {allowed_, refused_, unanswered_}; }

 private:
  bool prepare(SSL_CTX& context) {
    guard_.attach(&context);
    SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
    SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cert_cb(
        &context,
        [](SSL* tls, void* self) { return static_cast<Server*>(self)->show_certificate(tls); },
        this);
    return true;
  }

  // In each handshake: so a renewed certificate needs no restart.
  int show_certificate(SSL* tls) {
    const std::lock_guard lock(mutex_);
    if (!certificate_) return 0;
    return SSL_use_certificate(tls, certificate_.get()) == 1 &&
                   SSL_use_PrivateKey(tls, key_.get()) == 1
               ? 1
               : 0;
  }

  void answer_at(const char* path, Kind kind) {
    http_.Post(path, [this, kind](const httplib::Request&, httplib::Response& response,
                                  const httplib::ContentReader& read) {
      std::string review;
      bool fits = true;
      const bool whole = read([&](const char* bytes, std::size_t length) {
        fits = review.size() + length <= kAdmissionReviewMax;
        if (fits) review.append(bytes, length);
        return fits;
      });
      answer(kind, whole, fits, review, response);
    });
  }

  void answer(Kind kind, bool whole, bool fits, const std::string& review,
              httplib::Response& response) {
    if (!fits || response.status == kTooLarge) {
      ++unanswered_;
      return say(
          response, kTooLarge,
          "the AdmissionReview is longer than " + std::to_string(kAdmissionReviewMax) + " bytes");
    }
    if (!whole) {
      ++unanswered_;
      return say(response, kBadRequest, "the request could not be read");
    }
    const auto answer = review_admission(kind, review);
    if (!answer) {
      ++unanswered_;
      return say(response, kBadRequest, answer.error().message);
    }
    ++(answer->allowed ? allowed_ : refused_);
    response.set_content(answer->review, "application/json");
  }

  TlsGuard guard_;
  mutable std::mutex mutex_;
  std::unique_ptr<X509, Deleter> certificate_;
  std::unique_ptr<EVP_PKEY, Deleter> key_;
  std::atomic<std::uint64_t> allowed_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> unanswered_{0};
  httplib::SSLServer http_;
  std::string host_;
  int port_ = -1;
  std::thread thread_;
};

WebhookServer::WebhookServer(std::chrono::milliseconds connection_limit)
    : server_(std::make_unique<Server>(connection_limit)) {}

WebhookServer::~WebhookServer() = default;

Outcome WebhookServer::listen(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string host = colon == 0 ? "0.0.0.0" : address.substr(0, colon);
  errno = 0;
  if (server_->listen(host, std::stoi(address.substr(colon + 1)))) return Done{};
  const std::string why =
      errno == 0 ? "the name does not resolve" : std::generic_category().message(errno);
  return fail(ErrorCode::InUse,
              "cannot listen on " + address + ": " + why + "; give another --webhook-address");
}

std::string WebhookServer::address() const { return server_->address(); }

Outcome WebhookServer::use(const std::string& certificate, const std::string& key) {
  return server_->use(certificate, key);
}

WebhookServer::Answers WebhookServer::answers() const { return server_->answers(); }

}  // namespace raycord

#include "operator/tls_guard.h"

#include <algorithm>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace raycord {
namespace {

// Where a context remembers its guard.
int guard_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

TlsGuard::TlsGuard(Limits limits) : limits_(limits), watch_([this] { watch(); }) {}

TlsGuard::~TlsGuard() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  watch_.join();
}

void TlsGuard::attach(ssl_ctx_st* context) {
  SSL_CTX_set_ex_data(context, guard_index(), this);
  SSL_CTX_set_info_callback(context, &TlsGuard::on_info);
}

// The first that is heard of a connection: nothing was read from it yet.
void TlsGuard::on_info(const ssl_st* tls, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  void* guard = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), guard_index());
  static_cast<TlsGuard*>(guard)->begin(tls);
}

void TlsGuard::begin(const ssl_st* tls) {
  BIO* bio = SSL_get_rbio(tls);
  const std::lock_guard lock(mutex_);
  Connection connection;
  connection.socket = SSL_get_fd(tls);
  connection.until = std::chrono::steady_clock::now() + limits_.time;
  connection.cut = cutting_;
  const auto [place, first] = open_.emplace(bio, connection);
  if (!first) return;
  if (cutting_) ::shutdown(connection.socket, SHUT_RDWR);
  BIO_set_callback_arg(bio, reinterpret_cast<char*>(this));
  BIO_set_callback_ex(bio, &TlsGuard::on_bytes);
  changed_.notify_all();
}

long TlsGuard::on_bytes(bio_st* bio, int operation, const char*, std::size_t, int, long, int result,
                        std::size_t* processed) {
  auto* guard = reinterpret_cast<TlsGuard*>(BIO_get_callback_arg(bio));
  if (operation == BIO_CB_FREE) guard->end(bio);
  if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0 && processed != nullptr) {
    guard->count(bio, *processed);
  }
  return result;
}

void TlsGuard::count(const bio_st* bio, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(bio);
  if (found == open_.end()) return;
  Connection& connection = found->second;
  connection.bytes += bytes;
  if (connection.cut || connection.bytes <= limits_.bytes) return;
  connection.cut = true;
  ::shutdown(connection.socket, SHUT_RDWR);
}

// The socket is closed after this, so what is in `open_` is never another's by now.
void TlsGuard::end(const bio_st* bio) {
  const std::lock_guard lock(mutex_);
  open_.erase(bio);
}

void TlsGuard::cut_all() {
  const std::lock_guard lock(mutex_);
  cutting_ = true;
  for (auto& [bio, connection] : open_) {
    connection.cut = true;
    ::shutdown(connection.socket, SHUT_RDWR);
  }
}

void TlsGuard::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const SteadyTime now = std::chrono::steady_clock::now();
    SteadyTime next = SteadyTime::max();
    for (auto& [bio, connection] : open_) {
      if (connection.cut) continue;
      if (connection.until <= now) {
        connection.cut = true;
        ::shutdown(connection.socket, SHUT_RDWR);
      } else {
        next = std::min(next, connection.until);
      }
    }
    if (next == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

}  // namespace raycord

#include "test/adapters/fake_http/byte_stream.h"

#include <array>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/check.h"

namespace raycord {
namespace {

struct Deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

Owned<X509> certificate_of(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

Owned<EVP_PKEY> key_of(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

Owned<SSL_CTX> context_of(const FakeTls& tls) {
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  CHECK(SSL_CTX_use_certificate(context.get(), certificate_of(tls.identity.cert_pem).get()) == 1);
  CHECK(SSL_CTX_use_PrivateKey(context.get(), key_of(tls.identity.key_pem).get()) == 1);
  if (!tls.client_ca_pem.empty()) {
    const Owned<X509> authority = certificate_of(tls.client_ca_pem);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

struct ByteStream::Tls {
  Owned<SSL_CTX> context;
  Owned<SSL> ssl;
};

ByteStream::ByteStream(int socket, int stop) : socket_(socket), stop_(stop) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
}

ByteStream::~ByteStream() {
  tls_.reset();
  if (socket_ >= 0) close(socket_);
}

bool ByteStream::wait(short events) {
  std::array<pollfd, 2> both{{{socket_, events, 0}, {stop_, POLLIN, 0}}};
  if (::poll(both.data(), both.size(), -1) < 0) return false;
  return both[1].revents == 0;
}

bool ByteStream::accept_tls(const FakeTls& tls) {
  auto fresh = std::make_unique<Tls>();
  fresh->context = context_of(tls);
  fresh->ssl.reset(SSL_new(fresh->context.get()));
  SSL_set_fd(fresh->ssl.get(), socket_);
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(fresh->ssl.get());
    if (result == 1) break;
    const int error = SSL_get_error(fresh->ssl.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
    if (!wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return false;
  }
  if (const Owned<X509> client{SSL_get1_peer_certificate(fresh->ssl.get())}) {
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(client.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    client_name_ = name.data();
  }
  tls_ = std::move(fresh);
  return true;
}

std::string ByteStream::receive() {
  std::string bytes(16 * 1024, '\0');
  while (socket_ >= 0) {
    long got = 0;
    bool again = false;
    if (tls_) {
      ERR_clear_error();
      got = SSL_read(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
      again =
          got <= 0 && SSL_get_error(tls_->ssl.get(), static_cast<int>(got)) == SSL_ERROR_WANT_READ;
    } else {
      got = recv(socket_, bytes.data(), bytes.size(), 0);
      again = got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (got > 0) return bytes.substr(0, static_cast<std::size_t>(got));
    if (!again || !wait(POLLIN)) return {};
  }
  return {};
}

bool ByteStream::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (socket_ < 0) return false;
    long put = 0;
    bool again = false;
    if (tls_) {
      ERR_clear_error();
      put = SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
      again =
          put <= 0 && SSL_get_error(tls_->ssl.get(), static_cast<int>(put)) == SSL_ERROR_WANT_WRITE;
    } else {
      put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      again = put < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (!again || !wait(POLLOUT)) {
      return false;
    }
  }
  return true;
}

void ByteStream::finish() {
  ::shutdown(socket_, SHUT_WR);
  while (!receive().empty()) {
  }
}

void ByteStream::shut() {
  if (socket_ < 0) return;
  if (tls_) SSL_shutdown(tls_->ssl.get());
  tls_.reset();
  ::shutdown(socket_, SHUT_RDWR);
  ::close(socket_);
  socket_ = -1;
}

void ByteStream::reset() {
  if (socket_ < 0) return;
  const linger abrupt{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
  tls_.reset();
  ::close(socket_);
  socket_ = -1;
}

}  // namespace raycord

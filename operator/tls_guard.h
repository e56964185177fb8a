// TlsGuard limits what one connection of a TLS server may cost: the time from its first byte on and
// the bytes it sends. Whoever passes a limit is cut, also in the middle of a handshake.
//
//   TlsGuard guard(limits);
//   guard.attach(context);   // before the server listens; the guard outlives the context's use

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace raycord {

class TlsGuard {
 public:
  struct Limits {
    std::chrono::milliseconds time;
    std::size_t bytes;
  };

  explicit TlsGuard(Limits limits);
  ~TlsGuard();
  TlsGuard(const TlsGuard&) = delete;
  TlsGuard& operator=(const TlsGuard&) = delete;

  void attach(ssl_ctx_st* context);

  // Cuts what is open and what comes from now on.
  void cut_all();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Connection {
    int socket = -1;
    std::size_t bytes = 0;
    SteadyTime until;
    bool cut = false;
  };

  static void on_info(const ssl_st* tls, int where, int);
  static long on_bytes(bio_st* bio, int operation, const char*, std::size_t, int, long, int result,
                       std::size_t* processed);

  void begin(const ssl_st* tls);
  void count(const bio_st* bio, std::size_t bytes);
  void end(const bio_st* bio);
  void watch();

  Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<const bio_st*, Connection> open_;
  bool cutting_ = false;
  bool ending_ = false;
  std::thread watch_;  // The last member: it uses all others.
};

}  // namespace raycord

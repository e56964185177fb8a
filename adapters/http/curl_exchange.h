// CurlExchange is one request on its way through libcurl: the easy handle, what it is fed with, and
// what has come back so far. Its callbacks only store; listeners are told later, outside libcurl.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "adapters/http/curl_transport.h"

namespace raycord {

struct CurlEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// A response's headers are never longer with an honest server, and nothing else bounds them.
inline constexpr std::size_t kMaxHeaderBytes = 256 * 1024;

// Where a URL leads: "https://10.0.0.1:6443" and, for messages, "10.0.0.1:6443".
struct UrlTarget {
  std::unique_ptr<CURLU, CurlUrlDeleter> url;
  std::string origin;
  std::string host;
  std::string port;
  std::string problem;  // Not empty: the URL makes no sense, the rest is void.

  std::string address() const { return host + ":" + port; }
};
UrlTarget parse_target(const std::string& url);

class CurlExchange {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  CurlExchange(std::uint64_t id, HttpRequest request, HttpListener& listener,
               std::vector<std::uint64_t>& arrived);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // Makes the easy handle. False: the exchange has ended already, by fail_with().
  bool prepare(UrlTarget target, std::shared_ptr<const OriginProfile> profile,
               const CurlOptions& options);

  void end(CURLcode code);
  void fail_with(HttpFailure failure, std::string detail);
  void go_silent();  // Ends a stream that has been silent for its timeout.
  void cancel();

  std::uint64_t id() const { return id_; }
  CURL* easy() const { return easy_.get(); }
  HttpListener& listener() const { return *listener_; }
  const HttpRequest& request() const { return request_; }
  bool is_read() const { return request_.method == "GET" || request_.method == "HEAD"; }
  bool ended() const { return ended_; }
  SteadyTime silent_at() const { return last_byte_ + request_.timeout; }

  std::string take_chunk() { return std::exchange(chunk_, {}); }
  HttpOutcome take_outcome() { return std::move(outcome_); }

 private:
  // Why libcurl was told to stop, when it was us.
  enum class Stop { None, BodyTooLarge, HeadersTooLarge, WouldRepeat };

  void set_basics(const CurlOptions& options);
  void set_method();
  void set_headers();
  void set_tls();
  void set_expected_name();
  template <class Value>
  void set(CURLoption option, Value value);
  std::string detail_of(CURLcode code, HttpFailure failure) const;

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_send(void* self, char*, char*, int, int);
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);

  std::uint64_t id_;
  HttpRequest request_;
  HttpListener* listener_;
  std::vector<std::uint64_t>* arrived_;  // The transport's list of streams with bytes.
  SteadyTime started_;
  SteadyTime last_byte_;
  std::shared_ptr<const OriginProfile> profile_;  // libcurl reads its PEM texts in place.
  UrlTarget target_;
  std::unique_ptr<curl_slist, CurlListDeleter> headers_;
  std::unique_ptr<curl_slist, CurlListDeleter> connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CURLcode refused_option_ = CURLE_OK;
  std::size_t header_bytes_ = 0;
  Stop stop_ = Stop::None;
  bool sent_ = false;   // A connection was there and the request went out, in part at least.
  bool ended_ = false;  // outcome_ is final.
  std::string chunk_;   // A stream's bytes not yet delivered.
  HttpOutcome outcome_;
  std::unique_ptr<CURL, CurlEasyDeleter> easy_;  // Last: it refers to the others until it is gone.
};

}  // namespace raycord

// FakeTransport is an HttpTransport without sockets: it keeps the requests, and the test answers.
//
//   FakeTransport transport;
//   transport.reply("GET /api/v1/pods", 200, "{…}");     // the oldest that waits and matches
//   EXPECT_EQ(transport.waiting(), (Texts{"GET …"}));

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/http/transport.h"

namespace raycord {

class FakeTransport final : public HttpTransport {
 public:
  struct Exchange {
    std::uint64_t id = 0;
    HttpRequest request;
    HttpListener* listener = nullptr;
  };

  std::uint64_t start(HttpRequest request, HttpListener& listener) override {
    sent.push_back(request);
    open.push_back({++last_id_, std::move(request), &listener});
    return last_id_;
  }

  void cancel(std::uint64_t id) override {
    const auto found = std::find_if(open.begin(), open.end(),
                                    [&](const Exchange& exchange) { return exchange.id == id; });
    if (found == open.end()) return;
    cancelled.push_back(line_of(found->request));
    open.erase(found);
  }

  // "GET https://host/path?query" of each exchange that waits, in order.
  std::vector<std::string> waiting() const {
    std::vector<std::string> lines;
    for (const Exchange& exchange : open) lines.push_back(line_of(exchange.request));
    return lines;
  }

  bool is_waiting(std::string_view part) const { return find(part) != nullptr; }

  HttpRequest request(std::string_view part) const {
    const Exchange* exchange = find(part);
    EXPECT_NE(exchange, nullptr) << "nothing waits for: " << part;
    return exchange == nullptr ? HttpRequest{} : exchange->request;
  }

  // Ends the oldest exchange whose line contains `part`.
  void reply(std::string_view part, int status, std::string body = "",
             std::vector<HttpHeader> headers = {}) {
    HttpOutcome outcome;
    outcome.response = {status, std::move(headers), std::move(body)};
    outcome.elapsed = elapsed;
    finish(part, std::move(outcome));
  }

  void fail(std::string_view part, HttpFailure failure, std::string detail = "it broke") {
    HttpOutcome outcome;
    outcome.failure = failure;
    outcome.detail = std::move(detail);
    outcome.elapsed = elapsed;
    finish(part, std::move(outcome));
  }

  void chunk(std::string_view part, std::string_view bytes) {
    const Exchange* exchange = find(part);
    ASSERT_NE(exchange, nullptr) << "nothing waits for: " << part;
    exchange->listener->on_chunk(exchange->id, bytes);
  }

  void finish(std::string_view part, HttpOutcome outcome) {
    const Exchange* found = find(part);
    ASSERT_NE(found, nullptr) << "nothing waits for: " << part;
    const Exchange exchange = *found;
    std::erase_if(open, [&](const Exchange& other) { return other.id == exchange.id; });
    exchange.listener->on_done(exchange.id, std::move(outcome));
  }

  static std::string line_of(const HttpRequest& request) {
    return request.method + " " + request.url;
  }

  Millis elapsed{0};  // Of the exchanges that end from now on.
  std::vector<Exchange> open;
  std::vector<HttpRequest> sent;
  std::vector<std::string> cancelled;

 private:
  const Exchange* find(std::string_view part) const {
    for (const Exchange& exchange : open) {
      if (line_of(exchange.request).find(part) != std::string::npos) return &exchange;
    }
    return nullptr;
  }

  std::uint64_t last_id_ = 0;
};

}  // namespace raycord

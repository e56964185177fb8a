#include "test/real_ray/conversation.h"

#include <optional>
#include <utility>
#include <variant>

#include "core/check.h"
#include "core/limits.h"

namespace raycord {
namespace {

constexpr std::int32_t kServePort = 8000;
constexpr Millis kStep{20};

WantedProbe wanted(const std::string& ip, ProbeTarget target) {
  WantedProbe probe;
  probe.ns = "default";
  probe.cluster = "c";
  probe.head_uid = "head";
  probe.address = ip;
  probe.target = target;
  if (target == ProbeTarget::Proxy) probe.port = kServePort;
  return probe;
}

class OneRequest final : public HttpListener {
 public:
  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t, HttpOutcome outcome) override { outcome_ = std::move(outcome); }
  const std::optional<HttpOutcome>& outcome() const { return outcome_; }

 private:
  std::optional<HttpOutcome> outcome_;
};

}  // namespace

Conversation::Conversation(PlayedHead& head)
    : head_(head), prober_(head.transport(), way_), writer_(head.transport(), way_) {
  prober_.want({wanted(head.ip(), ProbeTarget::Dashboard), wanted(head.ip(), ProbeTarget::Proxy)},
               now_);
}

void Conversation::follow(const std::vector<Report>& reports) {
  for (const Report& report : reports) {
    const auto* run = std::get_if<ProbeRun>(&report.fact);
    if (run == nullptr || run->continued) continue;
    (run->target == ProbeTarget::Dashboard ? dashboard_ : proxy_) = run->answer;
  }
}

ProbeAnswer Conversation::ask(ProbeTarget target) {
  now_ += kProbePeriod;
  prober_.tick(now_);
  while (prober_.in_flight() > 0) head_.pass(kStep);
  prober_.flush("default", "c");
  follow(prober_.take_reports());
  return target == ProbeTarget::Dashboard ? dashboard_ : proxy_;
}

WriteDone Conversation::put(const std::string& body) {
  ServePut put;
  put.ns = "default";
  put.cluster = "c";
  put.address = head_.ip();
  put.body = body;
  writer_.send(Seq{1}, std::move(put), now_);
  while (writer_.in_flight() > 0) head_.pass(kStep);
  const std::vector<Report> reports = writer_.take_reports();
  CHECK(reports.size() == 1);
  return std::get<WriteDone>(reports[0].fact);
}

std::string Conversation::request(const std::string& path, const std::string& body) {
  OneRequest listener;
  head_.transport().start({.method = "POST",
                           .url = "http://" + head_.ip() + ":" + std::to_string(kServePort) + path,
                           .headers = {{"content-type", "application/json"}},
                           .body = body},
                          listener);
  while (!listener.outcome()) head_.pass(kStep);
  const HttpOutcome& outcome = *listener.outcome();
  if (outcome.failure) return name_of(*outcome.failure);
  return std::to_string(outcome.response.status) + " " + outcome.response.body;
}

}  // namespace raycord

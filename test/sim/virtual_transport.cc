#include "test/sim/virtual_transport.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "core/overloaded.h"

namespace raycord {

VirtualTransport::VirtualTransport(Sandbox& sandbox, Time now, Millis latency)
    : sandbox_(sandbox), now_(now), latency_(latency) {}

std::uint64_t VirtualTransport::start(HttpRequest request, HttpListener& listener) {
  Exchange exchange;
  exchange.request = std::move(request);
  exchange.listener = &listener;
  exchange.started = now_;
  exchange.id = ++last_id_;
  Exchange& started = exchanges_.emplace(last_id_, std::move(exchange)).first->second;
  set_due(started, now_ + latency_ / 2);
  return last_id_;
}

void VirtualTransport::cancel(std::uint64_t id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  if (found->second.stage == Stage::Streaming) {
    sandbox_.close_watch(found->second.watch);
    watches_.erase(found->second.watch);
  }
  end(found->second, HttpFailure::Cancelled, "cancelled", now_);
}

void VirtualTransport::end(Exchange& exchange, HttpFailure failure, const char* detail, Time due) {
  exchange.stage = Stage::Answered;
  exchange.outcome = HttpOutcome{};
  exchange.outcome.failure = failure;
  exchange.outcome.detail = detail;
  set_due(exchange, due);
}

void VirtualTransport::set_due(Exchange& exchange, Time due) {
  due_.erase({exchange.due, exchange.id});
  exchange.due = due;
  due_.insert({due, exchange.id});
}

std::optional<Time> VirtualTransport::next() const {
  std::optional<Time> next = sandbox_.next_change();
  if (!due_.empty() && (!next || due_.begin()->first < *next)) next = due_.begin()->first;
  return next;
}

void VirtualTransport::drop_all() {
  for (const auto& [watch, id] : watches_) sandbox_.close_watch(watch);
  watches_.clear();
  exchanges_.clear();
  due_.clear();
}

void VirtualTransport::advance(Time now) {
  while (true) {
    // What is due first; of equals the sandbox's own changes, then the oldest exchange.
    std::optional<Time> due = sandbox_.next_change();
    std::uint64_t first = 0;
    if (!due_.empty() && (!due || due_.begin()->first < *due)) {
      std::tie(due, first) = *due_.begin();
    }
    if (!due || *due > now) break;
    now_ = std::max(now_, *due);
    sandbox_.advance(now_);
    if (first != 0) {
      const Stage stage = exchanges_.at(first).stage;
      if (stage == Stage::Sent) {
        arrive(first, now_);
      } else {
        finish(first, now_);
      }
    }
    deliver_chunks(now_);
  }
  now_ = std::max(now_, now);
  sandbox_.advance(now_);
  deliver_chunks(now_);
}

void VirtualTransport::arrive(std::uint64_t id, Time at) {
  Exchange& exchange = exchanges_.at(id);
  if (exchange.request.method != "GET") {
    ++writes_[exchange.request.method + " " + split_url(exchange.request.url).path];
  }
  take(exchange, sandbox_.handle(at, exchange.request), at);
  if (exchange.stage == Stage::Streaming) watches_[exchange.watch] = id;
}

void VirtualTransport::take(Exchange& exchange, SandboxReply reply, Time at) {
  const Time gives_up = exchange.started + exchange.request.timeout;
  const auto answer = [&](HttpResponse response, Time due) {
    exchange.stage = Stage::Answered;
    exchange.outcome.response = std::move(response);
    set_due(exchange, due);
    if (due > gives_up) end(exchange, HttpFailure::Timeout, "no answer in time", gives_up);
  };
  std::visit(Overloaded{
                 [&](HttpResponse& response) { answer(std::move(response), at + latency_ / 2); },
                 [&](SandboxOpened& opened) {
                   exchange.stage = Stage::Streaming;
                   exchange.watch = opened.watch;
                   exchange.silent_since = at;
                   set_due(exchange, at + exchange.request.timeout);
                 },
                 [&](SandboxSilence&) {
                   end(exchange, HttpFailure::Timeout, "no answer in time", gives_up);
                 },
                 [&](SandboxBroken& broken) {
                   end(exchange, broken.why, name_of(broken.why), at + latency_ / 2);
                 },
                 [&](SandboxLate& late) {
                   answer(std::move(late.response), at + late.after + latency_ / 2);
                 },
             },
             reply);
}

void VirtualTransport::deliver_chunks(Time at) {
  for (Sandbox::Chunk& chunk : sandbox_.take_chunks()) {
    const auto found = watches_.find(chunk.watch);
    if (found == watches_.end()) continue;
    const std::uint64_t id = found->second;
    const auto stream = exchanges_.find(id);
    if (stream == exchanges_.end()) continue;
    Exchange& exchange = stream->second;
    exchange.silent_since = at;
    set_due(exchange, at + exchange.request.timeout);
    if (chunk.end) {
      watches_.erase(found);
      exchange.stage = Stage::Answered;
      exchange.outcome.response.status = 200;
      set_due(exchange, at);
    }
    if (!chunk.bytes.empty()) exchange.listener->on_chunk(id, chunk.bytes);
  }
}

void VirtualTransport::finish(std::uint64_t id, Time at) {
  Exchange& exchange = exchanges_.at(id);
  if (exchange.stage == Stage::Streaming) {
    sandbox_.close_watch(exchange.watch);
    watches_.erase(exchange.watch);
    end(exchange, HttpFailure::Timeout, "the stream was silent", at);
  }
  HttpListener* listener = exchange.listener;
  HttpOutcome outcome = std::move(exchange.outcome);
  outcome.elapsed = std::chrono::duration_cast<Millis>(at - exchange.started);
  due_.erase({exchange.due, id});
  exchanges_.erase(id);
  listener->on_done(id, std::move(outcome));
}

}  // namespace raycord

#include "adapters/ray/ray_prober.h"

#include <algorithm>
#include <set>
#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/limits.h"
#include "core/limits.h"
#include "formats/serve_answer.h"

namespace raycord {
namespace {

constexpr const char* kServePath = "/api/serve/applications/?api_type=declarative";
constexpr const char* kHealthPath = "/-/healthz";

ProbeTrouble trouble_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::Refused:
    case HttpFailure::Tls:
    case HttpFailure::Unsupported:
      return ProbeTrouble::Refused;
    case HttpFailure::Timeout:
      return ProbeTrouble::Timeout;
    case HttpFailure::Reset:
    case HttpFailure::Cancelled:
      return ProbeTrouble::Reset;
    case HttpFailure::TooLarge:
      return ProbeTrouble::TooLarge;
  }
  return ProbeTrouble::Reset;
}

ProbeAnswer bad_answer(const HttpOutcome& outcome) {
  ProbeAnswer answer;
  answer.status = outcome.response.status;
  if (outcome.failure) {
    answer.trouble = trouble_of(*outcome.failure);
    answer.status = 0;
  } else if (answer.status == kUnauthorized || answer.status == kForbidden) {
    answer.trouble = ProbeTrouble::Unauthorized;
  } else {
    answer.trouble = ProbeTrouble::BadStatus;
  }
  return answer;
}

// The first beat of a target at or after `now`.
Time first_beat(const WantedProbe& wanted, Time now) {
  const std::uint64_t spread = hash_of(wanted.ns + "/" + wanted.cluster + "/" + wanted.head_uid +
                                       (wanted.target == ProbeTarget::Proxy ? "/proxy" : ""))
                                   .value;
  const Millis phase(
      static_cast<std::int64_t>(spread % static_cast<std::uint64_t>(kProbePeriod.count())));
  const Millis since = (now.time_since_epoch() - phase) % kProbePeriod;
  return since == Millis(0) ? now : now + (kProbePeriod - since);
}

}  // namespace

RayProber::RayProber(HttpTransport& transport, const RayWay& way)
    : transport_(transport), way_(way) {}

RayProber::~RayProber() {
  for (const auto& [id, key] : asking_) transport_.cancel(id);
}

void RayProber::want(const std::vector<WantedProbe>& probes, Time now) {
  std::set<Key> wanted_keys;
  for (const WantedProbe& wanted : probes) {
    const Key key{wanted.ns, wanted.cluster, wanted.target};
    wanted_keys.insert(key);
    const auto [found, is_new] = probes_.try_emplace(key);
    Probe& probe = found->second;
    if (!is_new && probe.wanted() == wanted) continue;
    const bool same_head = !is_new && probe.wanted().head_uid == wanted.head_uid &&
                           probe.wanted().head_restarts == wanted.head_restarts &&
                           probe.wanted().address == wanted.address;
    probe.runner.follow(wanted, runs_);
    if (!same_head) begin(probe, now);
    note_due(key, probe);
  }
  for (auto entry = probes_.begin(); entry != probes_.end();) {
    if (wanted_keys.count(entry->first) > 0) {
      ++entry;
    } else {
      drop(entry->second);
      due_.erase({entry->second.due, entry->first});
      entry = probes_.erase(entry);
    }
  }
  move_runs();
}

// What the head before said, or still says, is nothing to this one.
void RayProber::begin(Probe& probe, Time now) {
  if (probe.asked != 0) {
    asking_.erase(probe.asked);
    transport_.cancel(std::exchange(probe.asked, 0));
  }
  probe.via_agent = false;
  probe.last_body = {};
  probe.messages = {};
  probe.next = first_beat(probe.wanted(), now);
}

void RayProber::drop(Probe& probe) {
  probe.runner.flush(runs_);
  if (probe.asked == 0) return;
  asking_.erase(probe.asked);
  transport_.cancel(std::exchange(probe.asked, 0));
}

void RayProber::note_due(const Key& key, Probe& probe) {
  const Time due = std::min(probe.next, probe.runner.next_flush());
  if (due == probe.due) return;
  due_.erase({probe.due, key});
  probe.due = due;
  due_.insert({due, key});
}

void RayProber::flush(const std::string& ns, const std::string& cluster) {
  for (const ProbeTarget target : {ProbeTarget::Dashboard, ProbeTarget::Proxy}) {
    const auto found = probes_.find({ns, cluster, target});
    if (found == probes_.end()) continue;
    found->second.runner.flush(runs_);
    note_due(found->first, found->second);
  }
  move_runs();
}

void RayProber::flush() {
  for (auto& [key, probe] : probes_) probe.runner.flush(runs_);
  move_runs();
}

void RayProber::tick(Time now) {
  std::set<Key> due;  // In the order of keys, so that equal worlds ask in equal order.
  for (const auto& [time, key] : due_) {
    if (time > now) break;
    due.insert(key);
  }
  for (const Key& key : due) {
    Probe& probe = probes_.at(key);
    if (now >= probe.next) {
      const Millis late = now - probe.next;
      probe.next += (late / kProbePeriod + 1) * kProbePeriod;
      if (probe.asked == 0) ask(key, probe, probe.via_agent, now);
    }
    probe.runner.tick(now, runs_);
    note_due(key, probe);
  }
  move_runs();
}

Time RayProber::next_wake() const { return due_.empty() ? Time::max() : due_.begin()->first; }

void RayProber::ask(const Key& key, Probe& probe, bool agent, Time now) {
  const WantedProbe& wanted = probe.wanted();
  const HeadAddress head{wanted.ns, wanted.address, wanted.head_pod, wanted.head_service};
  const bool proxy = wanted.target == ProbeTarget::Proxy;
  const HeadPort which = proxy ? HeadPort::Proxy : agent ? HeadPort::Agent : HeadPort::Dashboard;
  auto request = way_.request("GET", head, which, agent ? wanted.agent_port : wanted.port,
                              proxy ? kHealthPath : kServePath, wanted.token_secret, now);
  probe.asked_at = now;
  probe.at_agent = agent;
  if (!request) {
    ProbeAnswer answer;
    answer.trouble = ProbeTrouble::Unauthorized;  // The token it needs is not known.
    return add(probe, now, Millis(0), std::move(answer));
  }
  request->timeout = kProbeTimeout;
  request->max_body = kAnswerMax;
  probe.asked = transport_.start(std::move(*request), *this);
  asking_[probe.asked] = key;
}

void RayProber::on_done(std::uint64_t id, HttpOutcome outcome) {
  const auto asked = asking_.find(id);
  if (asked == asking_.end()) return;
  const Key key = asked->second;
  asking_.erase(asked);
  Probe& probe = probes_.at(key);
  probe.asked = 0;
  take_answer(key, probe, outcome);
  note_due(key, probe);
  move_runs();
}

void RayProber::take_answer(const Key& key, Probe& probe, const HttpOutcome& outcome) {
  const Time at = probe.asked_at + outcome.elapsed;
  if (probe.wanted().target == ProbeTarget::Dashboard) {
    const bool missing = !outcome.failure && outcome.response.status == kNotFound;
    if (missing && !probe.at_agent) return ask(key, probe, true, at);
    if (!is_success(outcome)) probe.via_agent = false;
    if (missing) {
      ProbeAnswer answer;
      answer.trouble = ProbeTrouble::NoServeApi;
      answer.status = kNotFound;
      return add(probe, at, outcome.elapsed, std::move(answer));
    }
    if (is_success(outcome)) return take_dashboard(probe, at, outcome, probe.at_agent);
  }
  ProbeAnswer answer;
  answer.status = outcome.response.status;
  if (!is_success(outcome)) answer = bad_answer(outcome);
  if (answer.trouble == ProbeTrouble::TooLarge) {
    report_unreadable(probe, answer.trouble,
                      "the answer is longer than " + std::to_string(kAnswerMax) +
                          " bytes; size and hash are of what was read",
                      outcome.response.body);
  }
  answer.from_agent = probe.at_agent;
  add(probe, at, outcome.elapsed, std::move(answer));
}

void RayProber::take_dashboard(Probe& probe, Time at, const HttpOutcome& outcome, bool from_agent) {
  probe.via_agent = from_agent;
  const std::string& body = outcome.response.body;
  const Hash hash = hash_of(body);
  if (hash == probe.last_body && from_agent == probe.last_from_agent) {
    return probe.runner.add_equal(at, outcome.elapsed, runs_);
  }
  ProbeAnswer answer;
  answer.status = outcome.response.status;
  answer.from_agent = from_agent;
  Result<ServeAnswer> serve = slice_serve_answer(body);
  if (serve) {
    answer.serve = std::move(*serve);
    probe.messages.keep(answer.serve, at);
  } else {
    answer.trouble = ProbeTrouble::Unreadable;
    report_unreadable(probe, answer.trouble, serve.error().message, body);
  }
  add(probe, at, outcome.elapsed, std::move(answer));
  probe.last_body = hash;
  probe.last_from_agent = from_agent;
}

// Once for each run of equal troubles.
void RayProber::report_unreadable(const Probe& probe, ProbeTrouble trouble, const std::string& why,
                                  const std::string& body) {
  if (probe.runner.trouble() == trouble) return;
  const bool proxy = probe.wanted().target == ProbeTarget::Proxy;
  reports_.push_back({Unreadable{std::string(proxy ? "proxy" : "dashboard") + " of RayCluster " +
                                     probe.wanted().ns + "/" + probe.wanted().cluster,
                                 short_line(why, kServerMessageMax), body.size(), hash_of(body)},
                      ""});
}

void RayProber::add(Probe& probe, Time at, Millis elapsed, ProbeAnswer answer) {
  probe.last_body = {};
  probe.runner.add(at, elapsed, std::move(answer), runs_);
}

void RayProber::move_runs() {
  for (ProbeRun& run : runs_) reports_.push_back({std::move(run), ""});
  runs_.clear();
}

std::vector<Report> RayProber::take_reports() { return std::exchange(reports_, {}); }

}  // namespace raycord

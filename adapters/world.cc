#include "adapters/world.h"

#include <algorithm>
#include <utility>

#include "adapters/limits.h"
#include "core/overloaded.h"

namespace raycord {

const std::vector<Kind>& watched_kinds() {
  static const std::vector<Kind> kinds = {
      Kind::RayService,    Kind::RayCluster,     Kind::Service, Kind::Pod,
      Kind::EndpointSlice, Kind::ServiceAccount, Kind::Role,    Kind::RoleBinding,
  };
  return kinds;
}

World::World(WorldOptions options, HttpTransport& transport)
    : transport_(transport),
      namespaces_(options.namespaces),
      api_(options.server, options.credentials),
      way_(options.ray_through_api_server ? &api_ : nullptr, options.token),
      lease_(options.leadership, api_, transport),
      writer_(api_, transport, options.log_id),
      events_(api_, transport),
      prober_(transport, way_),
      ray_writer_(transport, way_) {
  for (const Kind kind : watched_kinds()) add_kind(kind);
}

KubeKind& World::add_kind(Kind kind) {
  kinds_.push_back(std::make_unique<KubeKind>(kind, namespaces_, api_, transport_));
  return *kinds_.back();
}

World::~World() {
  for (const auto& [id, then] : fetches_) transport_.cancel(id);
}

void World::start(Time now, const std::map<Kind, std::uint64_t>& resume, Seq newest) {
  resume_ = resume;
  for (const auto& kind : kinds_) begin(*kind, newest);
  tick(now, 0);
}

void World::begin(KubeKind& kind, Seq newest) {
  const auto known = resume_.find(kind.kind());
  kind.begin(known == resume_.end() ? 0 : known->second, newest);
}

void World::watch_too(Kind kind, Seq newest) {
  const bool watched = std::any_of(kinds_.begin(), kinds_.end(),
                                   [kind](const auto& known) { return known->kind() == kind; });
  if (!watched) begin(add_kind(kind), newest);
}

void World::want(Time now, const Wanted& wanted) {
  for (const Kind kind : wanted.kinds) watch_too(kind, wanted.newest);
  for (const auto& kind : kinds_) {
    kind->note_newest(wanted.newest);
    for (const WantedBarrier& barrier : wanted.barriers) {
      if (barrier.kind == kind->kind()) kind->ask_barrier(barrier.asked);
    }
  }
  prober_.want(wanted.probes, now);
}

void World::send(Time now, WriteOrder order) {
  std::visit(Overloaded{
                 [&](KubeWrite& write) { writer_.send(order.decided, std::move(write), now); },
                 [&](ServePut& put) { ray_writer_.send(order.decided, std::move(put), now); },
             },
             order.write);
}

std::size_t World::writes_in_flight() const {
  return writer_.in_flight() + ray_writer_.in_flight();
}

void World::flush_probes(const std::string& ns, const std::string& cluster) {
  prober_.flush(ns, cluster);
}

void World::fetch(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then) {
  fetches_[transport_.start(api_.request("GET", path, now), *this)] = std::move(then);
}

void World::on_done(std::uint64_t id, HttpOutcome outcome) {
  const auto found = fetches_.find(id);
  if (found == fetches_.end()) return;
  const auto then = std::move(found->second);
  fetches_.erase(found);
  api_.note_answer(outcome);
  then(outcome);
}

void World::tick(Time now, std::size_t waiting_bytes) {
  lease_.tick(now);
  collect();
  crowded_ = observed_bytes_ + waiting_bytes > kObservedBytesMax;
  for (const auto& kind : kinds_) kind->tick(now, crowded_);
  prober_.tick(now);
  events_.tick(now);
}

Time World::next_wake() const {
  Time wake = std::min({lease_.next_wake(), prober_.next_wake(), events_.next_wake()});
  if (crowded_) return wake;
  for (const auto& kind : kinds_) wake = std::min(wake, kind->next_wake());
  return wake;
}

// Outcomes of writes come before what watches show, leadership before everything.
void World::collect() {
  const std::size_t before = observations_.size();
  const auto move = [this](std::vector<Report> reports) {
    for (Report& report : reports) observations_.emplace_back(std::move(report));
  };
  std::vector<Report> leadership = lease_.take_reports();
  const bool gap = std::any_of(leadership.begin(), leadership.end(), [](const Report& report) {
    return std::holds_alternative<Gap>(report.fact);
  });
  if (gap) {  // What was answered before it must not pass for fresh evidence behind it.
    prober_.flush();
    move(prober_.take_reports());
  }
  move(std::move(leadership));
  move(writer_.take_reports());
  move(ray_writer_.take_reports());
  for (const auto& kind : kinds_) kind->take_observations(observations_);
  move(prober_.take_reports());
  for (std::size_t i = before; i < observations_.size(); ++i) {
    observed_bytes_ += bytes_of(observations_[i]);
  }
}

std::vector<Observation> World::take_observations() {
  collect();
  observed_bytes_ = 0;
  return std::exchange(observations_, {});
}

std::vector<std::string> World::troubles() const {
  std::vector<std::string> troubles;
  if (const std::string trouble = lease_.trouble(); !trouble.empty()) troubles.push_back(trouble);
  for (const auto& kind : kinds_) {
    if (std::string trouble = kind->trouble(); !trouble.empty()) {
      troubles.push_back(std::move(trouble));
    }
  }
  return troubles;
}

}  // namespace raycord

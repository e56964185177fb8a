#include "core/observation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/believed.h"
#include "core/overloaded.h"
#include "core/route.h"

namespace raycord {
namespace {

// Labels, conditions and what else a slice has on the heap; its raw bytes are counted apart.
constexpr std::size_t kSliceBytes = 1024;

using BelievedByName = std::map<ObjectName, Believed>;

bool is_of(const CompleteList& list, const ObjectName& name) {
  return name.kind == list.kind && (list.ns.empty() || name.ns == list.ns);
}

// What folding the fact will change in what is believed of the listed kind.
void follow(BelievedByName& believed, const CompleteList& list, const Fact& fact) {
  if (const auto* seen = std::get_if<ObjectSeen>(&fact)) {
    const ObjectName name = name_of(seen->object);
    if (!is_of(list, name)) return;
    const Meta& meta = meta_of(seen->object);
    const auto known = believed.find(name);
    const bool stale = known != believed.end() && known->second.uid == meta.uid &&
                       known->second.version >= meta.version;
    if (!stale) believed[name] = {name, meta.uid, meta.version};
  } else if (const auto* gone = std::get_if<ObjectGone>(&fact)) {
    const auto known = believed.find(gone->name);
    if (known == believed.end()) return;
    const bool other = !gone->uid.empty() && gone->uid != known->second.uid;
    const bool stale = gone->version != 0 && known->second.version > gone->version;
    if (!other && !stale) believed.erase(known);
  }
}

class Resolver {
 public:
  explicit Resolver(const State& state) : state_(state) {}

  void take(Report report) {
    if (const auto* seen = std::get_if<ObjectSeen>(&report.fact)) {
      if (is_news(state_, report.fact)) is_here_[name_of(seen->object)] = true;
    } else if (const auto* gone = std::get_if<ObjectGone>(&report.fact)) {
      is_here_[gone->name] = false;
    }
    reports_.push_back(std::move(report));
  }

  void take(CompleteList list) {
    BelievedByName believed;
    for (Believed& one : believed_objects(state_, list.kind, list.ns)) {
      believed.emplace(one.name, std::move(one));
    }
    for (const Report& report : reports_) {
      if (is_news(state_, report.fact)) follow(believed, list, report.fact);
    }
    for (auto& [name, one] : believed) {
      if (std::binary_search(list.present.begin(), list.present.end(), name)) continue;
      if (!list.restored && one.version > list.version) continue;
      // In a restored world the list's version says nothing about what was believed before.
      const std::uint64_t version = list.restored ? 0 : list.version;
      take(Report{ObjectGone{name, std::move(one.uid), version, GoneHow::Unlisted}, ""});
    }
  }

  void take(NotOurs other) {
    const auto known = is_here_.find(other.gone.name);
    const bool believed =
        known == is_here_.end() ? is_believed(state_, other.gone.name) : known->second;
    if (believed) take(Report{std::move(other.gone), ""});
  }

  std::vector<Report> reports() { return std::move(reports_); }

 private:
  const State& state_;
  std::vector<Report> reports_;
  std::map<ObjectName, bool> is_here_;  // By what was taken so far.
};

}  // namespace

std::vector<Report> reports_of(const State& state, std::vector<Observation> observations) {
  const bool plain =
      std::all_of(observations.begin(), observations.end(),
                  [](const Observation& one) { return std::holds_alternative<Report>(one); });
  if (plain) {
    std::vector<Report> reports;
    reports.reserve(observations.size());
    for (Observation& one : observations) reports.push_back(std::move(std::get<Report>(one)));
    return reports;
  }
  Resolver resolver(state);
  for (Observation& observation : observations) {
    std::visit([&](auto& one) { resolver.take(std::move(one)); }, observation);
  }
  return resolver.reports();
}

std::size_t bytes_of(const Observation& observation) {
  const auto bytes_of_name = [](const ObjectName& name) {
    return sizeof(ObjectName) + name.ns.size() + name.name.size();
  };
  return std::visit(
      Overloaded{
          [](const Report& report) { return sizeof(Report) + kSliceBytes + report.raw.size(); },
          [&](const CompleteList& list) {
            std::size_t bytes = sizeof(CompleteList);
            for (const ObjectName& name : list.present) bytes += bytes_of_name(name);
            return bytes;
          },
          [&](const NotOurs& other) { return sizeof(NotOurs) + bytes_of_name(other.gone.name); },
      },
      observation);
}

}  // namespace raycord

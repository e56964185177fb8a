#include "adapters/kube/kube_kind.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace raycord {

KubeKind::KubeKind(Kind kind, const std::vector<std::string>& namespaces, const KubeApi& api,
                   HttpTransport& transport)
    : kind_(kind) {
  const auto add = [&](const std::string& ns) {
    watchers_.push_back(std::make_unique<KubeWatcher>(kind, ns, api, transport));
  };
  if (namespaces.empty()) add("");
  for (const std::string& ns : namespaces) add(ns);
  words_.resize(watchers_.size());
}

void KubeKind::begin(std::uint64_t resume, Seq asked) {
  for (const auto& watcher : watchers_) watcher->begin(resume, asked);
}

void KubeKind::ask_barrier(Seq asked) {
  for (const auto& watcher : watchers_) watcher->ask_barrier(asked);
}

void KubeKind::note_newest(Seq newest) {
  for (const auto& watcher : watchers_) watcher->note_newest(newest);
}

void KubeKind::tick(Time now, bool crowded) {
  for (const auto& watcher : watchers_) watcher->tick(now, crowded);
}

Time KubeKind::next_wake() const {
  Time wake = Time::max();
  for (const auto& watcher : watchers_) wake = std::min(wake, watcher->next_wake());
  return wake;
}

void KubeKind::take_observations(std::vector<Observation>& into) {
  for (std::size_t i = 0; i < watchers_.size(); ++i) {
    for (Observation& observation : watchers_[i]->take_observations()) {
      const auto* report = std::get_if<Report>(&observation);
      const auto* listed = report ? std::get_if<KindListed>(&report->fact) : nullptr;
      const auto* caught = report ? std::get_if<KindCaughtUp>(&report->fact) : nullptr;
      if (listed != nullptr) {
        merge(i, listed->version, listed->asked, true, into);
      } else if (caught != nullptr) {
        merge(i, caught->version, caught->asked, false, into);
      } else {
        into.push_back(std::move(observation));
      }
    }
  }
}

void KubeKind::merge(std::size_t watcher, std::uint64_t version, Seq asked, bool listed,
                     std::vector<Observation>& into) {
  Word& word = words_[watcher];
  word.said = true;
  word.listed = word.listed || listed;
  word.version = version;
  word.asked = std::max(word.asked, asked);

  bool all_listed = true;
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  Seq asked_of_all{std::numeric_limits<std::uint64_t>::max()};
  for (const Word& other : words_) {
    if (!other.said) return;
    all_listed = all_listed && other.listed;
    oldest = std::min(oldest, other.version);
    asked_of_all = std::min(asked_of_all, other.asked);
  }
  // A list of one namespace among several that were listed before completes the kind again.
  if (all_listed || (listed && listed_)) {
    listed_ = true;
    for (Word& other : words_) other.listed = false;
    into.emplace_back(Report{KindListed{kind_, oldest, asked_of_all}, ""});
  } else {
    into.emplace_back(Report{KindCaughtUp{kind_, oldest, asked_of_all}, ""});
  }
}

std::string KubeKind::trouble() const {
  for (const auto& watcher : watchers_) {
    const std::string& trouble = watcher->watch().trouble();
    if (!trouble.empty()) return watcher->where() + ": " + trouble;
  }
  return "";
}

}  // namespace raycord

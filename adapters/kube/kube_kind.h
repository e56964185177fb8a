// KubeKind watches one kind in all namespaces, or in some: one KubeWatcher each, told apart from
// outside by nothing.
//
// What is said about the kind as a whole (listed, caught up) is said once all its watchers have
// said it, with the oldest of their versions and barriers.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/kube/kube_watcher.h"

namespace raycord {

class KubeKind {
 public:
  // `namespaces` empty: all of them.
  KubeKind(Kind kind, const std::vector<std::string>& namespaces, const KubeApi& api,
           HttpTransport& transport);

  void begin(std::uint64_t resume, Seq asked);
  void ask_barrier(Seq asked);
  void note_newest(Seq newest);
  void tick(Time now, bool crowded);
  Time next_wake() const;

  void take_observations(std::vector<Observation>& into);

  Kind kind() const { return kind_; }
  // Why some watcher does not get on: "watch Pod default: …"; empty: all do.
  std::string trouble() const;

 private:
  // How far one watcher's last word went.
  struct Word {
    bool said = false;
    bool listed = false;  // It was a list since the kind's last KindListed.
    std::uint64_t version = 0;
    Seq asked;
  };

  void merge(std::size_t watcher, std::uint64_t version, Seq asked, bool listed,
             std::vector<Observation>& into);

  Kind kind_;
  std::vector<std::unique_ptr<KubeWatcher>> watchers_;
  std::vector<Word> words_;  // One for each watcher.
  bool listed_ = false;      // All have been listed and reported so.
};

}  // namespace raycord

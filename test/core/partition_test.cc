// Partitions are independent: random histories of several services fold and decide the same whether
// one looks at one partition or at all.

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/apply.h"
#include "core/archive.h"
#include "core/check.h"
#include "core/roles.h"
#include "core/still_wanted.h"
#include "core/turn.h"
#include "test/core/history.h"

namespace raycord {
namespace {

using std::chrono::seconds;

// Numbers that are the same on every machine (xorshift64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  std::uint64_t below(std::uint64_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % limit;
  }

 private:
  std::uint64_t state_;
};

constexpr int kServices = 3;
constexpr int kSteps = 60;
constexpr std::uint64_t kSeeds = 12;

// Something happens to one of the services; then the operator does what it wants, more or less.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : chance_(seed) {
    for (int i = 0; i < kServices; ++i) history.see(service_slice(name_of(i)));
    history.see(cluster_slice("alone"));
    come_to_rest();
  }

  void step() {
    const std::string service = name_of(static_cast<int>(chance_.below(kServices)));
    happen(service);
    come_to_rest();
    history.wait(seconds(chance_.below(90) + 1));
    if (chance_.below(25) == 0) {
      history.restart(seconds(chance_.below(600)));
      come_to_rest();
    }
  }

  History history;

 private:
  static std::string name_of(int index) { return "svc" + std::to_string(index); }

  bool is_there(const std::string& service) const {
    const auto found = history.state().partitions.find({Kind::RayService, "default", service});
    return found != history.state().partitions.end() && found->second.service;
  }

  std::string a_cluster_of(const std::string& service) {
    const std::vector<std::string> names = history.clusters_of(service);
    return names.empty() ? "" : names[chance_.below(names.size())];
  }

  void happen(const std::string& service) {
    if (!is_there(service)) {
      history.see(service_slice(service));
      return;
    }
    const std::string cluster = a_cluster_of(service);
    if (chance_.below(4) == 0 || cluster.empty()) return edit(service);
    happen_to(service, cluster);
  }

  void edit(const std::string& service) {
    const int revision = static_cast<int>(chance_.below(3)) + 1;
    const std::uint64_t what = chance_.below(8);
    history.edit_service(service, [&](RayServiceSlice& slice) {
      ++slice.meta.generation;
      if (what < 3) slice.cluster_hashes = cluster_hashes("spec " + std::to_string(revision));
      if (what == 3 || what == 4) slice.serve_config = serve_config({"app"}, revision);
      if (what == 5) slice.suspended = !slice.suspended;
      if (what == 6) slice.invalid.reason = slice.invalid.reason.empty() ? "Invalid" : "";
      if (what == 7 && revision == 1) slice.meta.deleting_since = history.now();
    });
  }

  void happen_to(const std::string& service, const std::string& cluster) {
    const ServeConfig& wanted = history.service(service).service.value().value.serve_config;
    switch (chance_.below(9)) {
      case 0:
        return history.hear_silence(cluster, ProbeTrouble::Timeout, Millis(0));
      case 1:
        return history.hear(cluster, with_status(wanted, "UNHEALTHY"));
      case 2:
        return history.hear(cluster, ServeAnswer{});
      case 3:
        return history.hear_proxy(cluster, chance_.below(4) != 0);
      case 4:
        if (!history.head_of(cluster).empty()) {
          history.gone({Kind::Pod, "default", history.head_of(cluster)});
        }
        return;
      case 5:
        history.start_pods(cluster);
        return history.fill_endpoints();
      default:
        history.start_pods(cluster);
        history.hear_proxy(cluster, true);
        history.hear(cluster, running(wanted));
        return history.fill_endpoints();
    }
  }

  // Turns until nothing is wanted; some writes fail, some are never heard of again.
  void come_to_rest() {
    for (int turns = 0; turns < 60; ++turns) {
      const std::vector<Decision> decided = history.turn();
      if (decided.empty()) return;
      for (const Decision& decision : decided) answer(decision);
    }
    FAIL() << "the rules do not come to rest";
  }

  void answer(const Decision& decision) {
    if (!still_wanted(history.state(), decision)) {
      history.answer(decision, WriteResult::Withdrawn);
      return;
    }
    const std::uint64_t luck = chance_.below(30);
    if (luck == 0) {
      history.answer(decision, WriteResult::Failed, "no connection");
    } else if (luck == 1) {
      history.answer(decision, WriteResult::Unknown, "timeout");
    } else {
      try {
        history.carry_out(decision);
      } catch (const InvariantBroken&) {  // Of the world: it went with another write of this turn.
        history.answer(decision, WriteResult::NotFound, "not found");
      }
    }
  }

  Chance chance_;
};

std::vector<Frame> frames_of(std::uint64_t seed, State& last) {
  Chaos chaos(seed);
  for (int i = 0; i < kSteps && !::testing::Test::HasFatalFailure(); ++i) chaos.step();
  chaos.history.turn();
  last = chaos.history.state();
  return chaos.history.frames();
}

// The frames without what belongs to other partitions; numbers and times stay.
void fold_alone(State& state, const std::vector<Frame>& frames, const PartitionName& name) {
  for (const Frame& frame : frames) {
    for (std::size_t i = 0; i < frame.facts.size(); ++i) {
      const PlacedFact& placed = frame.facts[i];
      if (placed.partition && *placed.partition != name) continue;
      apply(state, {frame.fact_seq(i), frame.at, placed.fact}, placed.partition);
    }
    for (const Decision& decision : frame.decisions) {
      if (decision.partition == name) apply(state, decision, frame.at);
    }
  }
}

TEST(Partitions, FoldAloneAsTheyFoldTogether) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    State together;
    const std::vector<Frame> frames = frames_of(seed, together);
    ASSERT_GE(together.partitions.size(), 1U);
    for (const auto& [name, partition] : together.partitions) {
      State alone;
      fold_alone(alone, frames, name);
      ASSERT_EQ(alone.partitions.count(name), 1U) << seed << " " << to_text(name);
      EXPECT_EQ(pack(alone.partitions.at(name)), pack(partition)) << seed << " " << to_text(name);
    }
  }
}

// Histories decide for all partitions at each turn, a replayed turn for those that were touched.
TEST(Partitions, ThatWereNotTouchedHaveNothingToDecide) {
  std::size_t decisions = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    State last;
    State replayed;
    for (const Frame& frame : frames_of(seed, last)) {
      const ReplayTurn replay = ReplayTurn::run(replayed, frame);
      ASSERT_EQ(replay.decided.size(), frame.decisions.size())
          << "seed " << seed << ", frame " << frame.first.value;
      for (std::size_t i = 0; i < frame.decisions.size(); ++i) {
        EXPECT_TRUE(same_decision(replay.decided[i], frame.decisions[i]))
            << "seed " << seed << ", decision " << frame.decisions[i].seq.value;
      }
      decisions += frame.decisions.size();
    }
    EXPECT_EQ(digest_of(replayed), digest_of(last));
  }
  EXPECT_GT(decisions, 1000U);
}

TEST(Partitions, FoldWithoutRulesToTheSameState) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    State last;
    State folded;
    for (const Frame& frame : frames_of(seed, last)) fold_frame(folded, frame);
    EXPECT_EQ(digest_of(folded), digest_of(last)) << seed;
  }
}

// What a checkpoint keeps is all there is: a partition that was packed and unpacked goes on alike.
TEST(Partitions, GoOnAlikeAfterTheyWerePacked) {
  State last;
  frames_of(1, last);
  for (const auto& [name, partition] : last.partitions) {
    Partition copy;
    ASSERT_TRUE(unpack(pack(partition), copy));
    const Time later = last.now + seconds(3600);
    const Decided original = decide({partition, last.fleet, later});
    const Decided unpacked = decide({copy, last.fleet, later});
    ASSERT_EQ(unpacked.decisions.size(), original.decisions.size());
    for (std::size_t i = 0; i < original.decisions.size(); ++i) {
      EXPECT_TRUE(same_decision(unpacked.decisions[i], original.decisions[i]));
    }
    EXPECT_EQ(unpacked.wake, original.wake);
  }
}

// In no history are there ever more than two clusters, or a deletion of what serves.
TEST(Partitions, NeverHaveAThirdClusterNorLoseWhatServes) {
  for (std::uint64_t seed = 100; seed < 100 + kSeeds; ++seed) {
    State last;
    State state;
    for (const Frame& frame : frames_of(seed, last)) {
      fold_frame(state, frame);
      for (const auto& [name, partition] : state.partitions) {
        ASSERT_LE(roles_of(partition).counted, 2U) << seed << " " << frame.first.value;
      }
      for (const Decision& decision : frame.decisions) {
        const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
        if (deletion == nullptr || deletion->object.kind != Kind::RayCluster) continue;
        const Partition& partition = state.partitions.at(decision.partition);
        const bool goes = decision.rule == Rule::SuspendService ||
                          decision.rule == Rule::DeleteClusterOfDeletedService;
        EXPECT_TRUE(goes || !serves(partition, deletion->object.name)) << decision.seq.value;
      }
    }
  }
}

}  // namespace
}  // namespace raycord

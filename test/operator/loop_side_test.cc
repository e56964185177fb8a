#include "operator/loop_side.h"

#include <gtest/gtest.h>

#include "adapters/world.h"
#include "formats/manifest.h"
#include "formats/object_slice.h"
#include "operator/limits.h"
#include "store/limits.h"
#include "store/memory_event_log.h"
#include "test/adapters/fact_text.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{std::chrono::seconds(1'772'438'400)};

// The side of the loop; the test is the network and the disk.
class LoopSideTest : public testing::Test {
 protected:
  LoopSideTest() {
    loop.set_frame_listener([this](const Frame& frame, const State&) { frames.push_back(frame); });
    const LoopSide::Resume resume = loop.begin(now);
    EXPECT_EQ(resume.newest, Seq{1});
    Batch batch{now, {Report{LeadershipGained{1}, ""}}};
    for (const Kind kind : watched_kinds()) {
      batch.observations.emplace_back(Report{KindListed{kind, 10, Seq{1}}, ""});
    }
    crossing.report(std::move(batch));
    step();
    frames.clear();
  }

  static EngineOptions options() {
    EngineOptions options;
    options.started.log_id = "tests";
    return options;
  }

  // A RayService as a watch shows it.
  static Report service(std::uint64_t version, std::size_t padding = 0,
                        const std::string& config = "applications: [{name: app, import_path: a}]") {
    const auto documents = read_manifest(R"(
apiVersion: ray.io/v1
kind: RayService
metadata: {name: llm, namespace: default, uid: uid-llm, resourceVersion: ")" +
                                         std::to_string(version) + R"(", generation: 1}
spec:
  serveConfigV2: |
    )" + config + R"(
  rayClusterConfig:
    headGroupSpec:
      rayStartParams: {}
      template: {spec: {containers: [{name: ray-head, image: ray}]}}
)");
    EXPECT_TRUE(documents);
    std::string raw = documents->at(0);
    auto object = slice_object(Kind::RayService, raw);
    EXPECT_TRUE(object);
    raw += std::string(padding, ' ');
    return {ObjectSeen{std::move(*object)}, std::move(raw)};
  }

  void observe(std::vector<Observation> observations) {
    crossing.report({now, std::move(observations)});
    loop.step(now);
  }

  void step() {
    log.sync();
    loop.step(now);
  }

  std::vector<Order> orders() {
    std::vector<Order> all;
    while (auto order = crossing.next_order()) all.push_back(std::move(*order));
    return all;
  }

  std::vector<Seq> writes() {
    std::vector<Seq> decided;
    for (const Order& order : orders()) {
      if (const auto* write = std::get_if<WriteOrder>(&order)) decided.push_back(write->decided);
    }
    return decided;
  }

  Texts facts() const {
    Texts texts;
    for (const Frame& frame : frames) {
      for (const PlacedFact& placed : frame.facts) texts.push_back(fact_text(placed.fact));
    }
    return texts;
  }

  std::vector<Seq> decided() const {
    std::vector<Seq> all;
    for (const Frame& frame : frames) {
      for (const Decision& decision : frame.decisions) all.push_back(decision.seq);
    }
    return all;
  }

  static CompleteList list_of_services(std::uint64_t version) {
    CompleteList list;
    list.kind = Kind::RayService;
    list.version = version;
    return list;
  }

  // More than the way to net has room for.
  void fill_the_way() {
    crossing.order(EventPost{"default", std::string(kOrderBytesMax + 1, 'x')});
  }

  Time now = kStart;
  MemoryEventLog log{{.created = kStart, .manual_sync = true}};
  Crossing crossing;
  LoopSide loop{options(), log, crossing, FoldedLog{}};
  std::vector<Frame> frames;
};

TEST_F(LoopSideTest, OrdersInOrderAndOnlyWhatIsSynced) {
  observe({service(20)});
  ASSERT_FALSE(decided().empty());
  EXPECT_TRUE(orders().empty());
  step();
  EXPECT_EQ(writes(), decided());
  step();
  EXPECT_TRUE(writes().empty());
}

TEST_F(LoopSideTest, ATurnIsNotEarlierThanWhatItTakesIn) {
  crossing.report({now + 3ms, {service(20)}});
  loop.step(now);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].at, now + 3ms);
}

TEST_F(LoopSideTest, AListDoesNotMakeGoneWhatAnOwnWriteShowedLater) {
  observe({service(120)});
  observe({list_of_services(100), Report{KindListed{Kind::RayService, 100, Seq{5}}, ""}});
  EXPECT_EQ(facts(), (Texts{"seen RayService default/llm 120", "listed RayService 100 asked 5"}));
  EXPECT_EQ(loop.state().partitions.size(), 1U);
  observe({list_of_services(130)});
  EXPECT_EQ(facts().back(), "gone RayService default/llm 130 unlisted");
}

TEST_F(LoopSideTest, AnAnswerInTheSameBatchAsTheEndOfAListCountsAsWell) {
  observe({service(90)});
  observe({service(120), list_of_services(100)});
  EXPECT_EQ(facts().back(), "seen RayService default/llm 120");
}

TEST_F(LoopSideTest, AsksWhetherAWriteIsStillWantedWhenThereIsRoomForIt) {
  fill_the_way();
  observe({service(20)});
  const std::vector<Seq> waiting = decided();
  step();
  EXPECT_EQ(loop.writes_waiting(), waiting.size());
  observe({Report{LeadershipLost{"test"}, ""}});
  EXPECT_EQ(orders().size(), 1U);  // The way is free.
  frames.clear();
  step();
  EXPECT_TRUE(writes().empty());
  EXPECT_LE(loop.next_wake(), now);
  step();
  Texts withdrawn;
  for (const Seq seq : waiting) {
    withdrawn.push_back("write " + std::to_string(seq.value) + " withdrawn");
  }
  EXPECT_EQ(facts(), withdrawn);
}

TEST_F(LoopSideTest, TakesBackWhatNetDidNotSend) {
  observe({service(20)});
  step();
  const std::vector<Seq> ordered = writes();
  ASSERT_FALSE(ordered.empty());
  frames.clear();
  WriteDone withdrawn;
  withdrawn.decided = ordered[0];
  withdrawn.result = WriteResult::Withdrawn;
  observe({Report{LeadershipLost{"ran out"}, ""}, Report{withdrawn, ""}});
  EXPECT_EQ(facts(), (Texts{"leads no more: ran out",
                            "write " + std::to_string(ordered[0].value) + " withdrawn"}));
  frames.clear();
  observe({Report{LeadershipGained{2}, ""}});
  step();
  EXPECT_EQ(writes().size(), decided().size());
  EXPECT_FALSE(decided().empty());  // It is decided anew.
}

TEST_F(LoopSideTest, DropsAnnouncementsForWhichThereIsNoRoom) {
  fill_the_way();
  observe({service(20, 0, "applications: [")});  // Somebody is to be told.
  step();
  EXPECT_EQ(loop.unannounced(), 1U);
  EXPECT_EQ(orders().size(), 1U);
}

TEST_F(LoopSideTest, TakesNothingInWhileTheDiskIsBehind) {
  observe({service(20, kBacklogLimit + 1)});
  frames.clear();
  observe({Report{KindCaughtUp{Kind::Pod, 11, Seq{}}, ""}});
  EXPECT_TRUE(frames.empty());
  EXPECT_TRUE(crossing.has_batches());
  EXPECT_EQ(loop.next_wake(), Time::max());  // The log wakes us.
  step();
  EXPECT_EQ(facts(), Texts{"caught up Pod 11 asked 0"});
}

TEST_F(LoopSideTest, LooksAtItsLogBetweenManyBatches) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    crossing.report({now, {service(20 + i, kBacklogLimit / 2)}});
  }
  loop.step(now);
  loop.step(now);
  loop.step(now);
  loop.step(now);
  EXPECT_TRUE(crossing.has_batches());
  EXPECT_LE(log.backlog_bytes(), 2 * kBacklogLimit);
}

TEST_F(LoopSideTest, OrdersNothingMoreOnceItIsToStop) {
  observe({service(20)});
  loop.stop();
  loop.stop();
  step();
  const std::vector<Order> all = orders();
  ASSERT_EQ(
      std::count_if(all.begin(), all.end(),
                    [](const Order& order) { return std::holds_alternative<StopOrder>(order); }),
      1);
  EXPECT_TRUE(std::holds_alternative<StopOrder>(all[0]));
  for (const Order& order : all) EXPECT_FALSE(std::holds_alternative<WriteOrder>(order));
}

}  // namespace
}  // namespace raycord

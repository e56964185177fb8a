#include "operator/crossing.h"

#include <thread>

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "operator/limits.h"

namespace raycord {
namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;

// A batch that takes about as much as its bytes say, and can be told from others.
Batch batch(std::uint64_t number, std::size_t bytes = 0) {
  Unreadable fact;
  fact.size = number;
  Batch batch;
  batch.observations.emplace_back(Report{std::move(fact), std::string(bytes, 'x')});
  return batch;
}

std::uint64_t number_of(const Batch& batch) {
  return std::get<Unreadable>(std::get<Report>(batch.observations.at(0)).fact).size;
}

WriteOrder write(std::uint64_t decided, std::size_t bytes = 0) {
  KubeWrite write;
  write.body = std::string(bytes, 'x');
  return {Seq{decided}, std::move(write)};
}

std::uint64_t decided(const std::optional<Order>& order) {
  return std::get<WriteOrder>(order.value()).decided.value;
}

class CrossingTest : public testing::Test {
 protected:
  CrossingTest() {
    crossing.on_news([this] { ++net_woken; }, [this] { ++loop_woken; });
  }

  Crossing crossing;
  int net_woken = 0;
  int loop_woken = 0;
};

TEST_F(CrossingTest, KeepsTheOrderOfBatchesAndTakesSomeMegabytesAtATime) {
  for (std::uint64_t i = 0; i < 20; ++i) crossing.report(batch(i, kMegabyte));
  EXPECT_EQ(loop_woken, 20);
  EXPECT_GT(crossing.reported_bytes(), 20 * kMegabyte);
  std::uint64_t next = 0;
  while (crossing.has_batches()) {
    const std::vector<Batch> taken = crossing.take_batches();
    ASSERT_FALSE(taken.empty());
    EXPECT_LE(taken.size(), kTakenBytes / kMegabyte);
    for (const Batch& one : taken) EXPECT_EQ(number_of(one), next++);
  }
  EXPECT_EQ(next, 20U);
  EXPECT_EQ(crossing.reported_bytes(), 0U);
}

TEST_F(CrossingTest, TakesABatchThatIsLargerThanWhatIsTakenAtATime) {
  crossing.report(batch(1, 2 * kTakenBytes));
  crossing.report(batch(2));
  EXPECT_EQ(crossing.take_batches().size(), 1U);
  EXPECT_EQ(crossing.take_batches().size(), 1U);
  EXPECT_TRUE(crossing.take_batches().empty());
}

TEST_F(CrossingTest, WakesNetWhenTheLoopHasMadeRoom) {
  crossing.report(batch(1, kObservedBytesMax / 2));
  crossing.report(batch(2, kObservedBytesMax / 2));
  EXPECT_GT(crossing.reported_bytes(), kObservedBytesMax);
  crossing.take_batches();
  EXPECT_EQ(net_woken, 1);
  crossing.take_batches();
  EXPECT_EQ(net_woken, 1);
}

TEST_F(CrossingTest, HasNoRoomForOrdersBeyondItsBytesAndWakesTheLoopWhenItHasAgain) {
  std::uint64_t ordered = 0;
  while (crossing.has_room()) crossing.order(write(++ordered, kMegabyte));
  EXPECT_EQ(ordered, kOrderBytesMax / kMegabyte);
  EXPECT_EQ(net_woken, static_cast<int>(ordered));
  EXPECT_EQ(decided(crossing.next_order()), 1U);
  EXPECT_TRUE(crossing.has_room());
  EXPECT_EQ(loop_woken, 1);
  for (std::uint64_t i = 2; i <= ordered; ++i) EXPECT_EQ(decided(crossing.next_order()), i);
  EXPECT_FALSE(crossing.next_order());
  EXPECT_EQ(loop_woken, 1);
}

TEST_F(CrossingTest, OrdersOfAllKindsKeepTheirOrder) {
  crossing.order(write(7));
  crossing.order(EventPost{"default", "{}"});
  crossing.order(StopOrder{});
  EXPECT_TRUE(std::holds_alternative<WriteOrder>(crossing.next_order().value()));
  EXPECT_TRUE(std::holds_alternative<EventPost>(crossing.next_order().value()));
  EXPECT_TRUE(std::holds_alternative<StopOrder>(crossing.next_order().value()));
}

TEST_F(CrossingTest, OfWhatIsWantedOnlyTheNewestCounts) {
  EXPECT_FALSE(crossing.next_wanted());
  for (const std::uint64_t newest : {1U, 2U}) {
    Wanted wanted;
    wanted.newest = Seq{newest};
    crossing.want(std::move(wanted));
  }
  EXPECT_EQ(crossing.next_wanted().value().newest, Seq{2});
  EXPECT_FALSE(crossing.next_wanted());
}

TEST_F(CrossingTest, ShowsHowNetGetsOnAndWakesTheLoopWhenItHasStopped) {
  NetView view;
  view.writes_in_flight = 3;
  crossing.show(view);
  EXPECT_EQ(crossing.net().writes_in_flight, 3U);
  EXPECT_EQ(loop_woken, 0);
  view.stopped = true;
  crossing.show(view);
  crossing.show(view);
  EXPECT_EQ(loop_woken, 1);
}

// Each order is answered by a batch, as net does.
TEST(CrossingThreads, LoseNothingAndKeepTheOrder) {
  constexpr std::uint64_t kOrders = 20'000;
  Crossing crossing;
  std::thread net([&] {
    for (std::uint64_t answered = 0; answered < kOrders;) {
      const auto order = crossing.next_order();
      if (!order) {
        std::this_thread::yield();
        continue;
      }
      EXPECT_EQ(decided(order), ++answered);
      crossing.report(batch(answered));
      crossing.show(NetView{});
      static_cast<void>(crossing.next_wanted());
    }
  });
  std::uint64_t ordered = 0;
  std::uint64_t answered = 0;
  while (answered < kOrders) {
    while (ordered < kOrders && ordered < answered + kWritesInFlight && crossing.has_room()) {
      crossing.order(write(++ordered));
      crossing.want(Wanted{});
    }
    for (const Batch& one : crossing.take_batches()) EXPECT_EQ(number_of(one), ++answered);
    static_cast<void>(crossing.net());
  }
  net.join();
  EXPECT_FALSE(crossing.has_batches());
}

}  // namespace
}  // namespace raycord

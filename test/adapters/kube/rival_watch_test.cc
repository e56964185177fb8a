#include "adapters/kube/rival_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/limits.h"

namespace raycord {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUs = "raycord-operator";
constexpr const char* kThem = "kuberay-operator";

// A RayCluster whose status we and another wrote at these seconds; negative: never.
std::string object(int ours, int theirs, const char* them = kThem) {
  const auto entry = [](const char* manager, int second) {
    const std::string digits = std::to_string(second);
    return R"({"manager": ")" + std::string(manager) +
           R"(", "operation": "Update", "subresource": "status", "time": "2026-11-26T10:00:)" +
           (second < 10 ? "0" : "") + digits + R"(Z"})";
  };
  std::string entries = R"({"manager": "kubectl", "time": "2026-11-26T10:00:59Z"})";
  if (ours >= 0) entries += ", " + entry(kUs, ours);
  if (theirs >= 0) entries += ", " + entry(them, theirs);
  return R"({"metadata": {"managedFields": [)" + entries + "]}}";
}

class Rivals : public testing::Test {
 protected:
  void see(const std::string& raw, bool leading = true, bool by_us = false) {
    watch_.see(now_, leading, {{Kind::RayCluster, "default", "rc"}, ++version_, by_us}, raw);
  }
  void write(int ours, int theirs) { see(object(ours, theirs), true, true); }
  std::string why() const { return watch_.why(now_); }

  RivalWatch watch_{kUs};
  Time now_{seconds(1'000'000)};
  std::uint64_t version_ = 0;
};

TEST_F(Rivals, AreThoseWhoGoOnWritingAfterUs) {
  see(object(-1, 1));
  write(2, 1);
  see(object(2, 3));
  EXPECT_THAT(why(), IsEmpty());
  write(4, 3);
  see(object(4, 5));
  EXPECT_THAT(why(), HasSubstr("kuberay-operator writes the status of RayCluster default/rc too"));
}

TEST_F(Rivals, AreKnownAlsoWhereTheWatchIsFasterThanTheAnswers) {
  see(object(-1, 1));
  see(object(2, 1));
  --version_;
  write(2, 1);
  see(object(2, 3));
  see(object(2, 5));
  EXPECT_NE(why(), "");
}

TEST_F(Rivals, AreNotThoseWhoWroteBeforeWeDid) {
  see(object(-1, 1));
  for (int second = 2; second < 9; ++second) see(object(-1, second));
  write(9, 8);
  EXPECT_THAT(why(), IsEmpty());
}

// A watch that is resumed shows our last term first, then the other's.
TEST_F(Rivals, AreNotThoseWhoHadTheirTermBetweenTwoOfOurs) {
  see(object(1, 0));
  see(object(2, 0));
  see(object(2, 3));
  see(object(2, 4));
  see(object(2, 5));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNotKnownByNewsFromBeforeOurWrite) {
  see(object(-1, 1));
  version_ = 100;
  write(9, 8);
  version_ = 50;
  for (int second = 2; second < 8; ++second) see(object(-1, second));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNotLookedForWhileWeDoNotLead) {
  write(1, 0);
  for (int second = 2; second < 9; ++second) see(object(1, second), false);
  for (int second = 11; second < 19; ++second) see(object(1, second));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNoPeopleAtKubectl) {
  write(1, -1);
  for (int second = 2; second < 9; ++second) see(object(1, second, "kubectl-edit"));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreWaitedForAsLongAsTheyWrite) {
  write(2, 1);
  see(object(2, 3));
  see(object(2, 4));
  ASSERT_NE(why(), "");
  now_ += kRivalRest - seconds(1);
  see(object(2, 5), false);
  now_ += kRivalRest - seconds(1);
  EXPECT_NE(why(), "");
  EXPECT_EQ(watch_.next_wake(now_), now_ + seconds(1));
  now_ += seconds(1);
  EXPECT_THAT(why(), IsEmpty());
  EXPECT_EQ(watch_.next_wake(now_), Time::max());
}

TEST_F(Rivals, AreForgottenWhenTheyWriteSeldom) {
  write(2, 1);
  see(object(2, 3));
  now_ += kRivalWithin;
  see(object(2, 4));
  EXPECT_THAT(why(), IsEmpty());
}

}  // namespace
}  // namespace raycord

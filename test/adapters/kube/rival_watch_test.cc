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
  void see(const std::string& raw, bool leading = true) {
    watch_.see(now_, leading, {Kind::RayCluster, "default", "rc"}, ++version_, raw);
  }
  std::string why() const { return watch_.why(now_); }

  RivalWatch watch_{kUs};
  Time now_{seconds(1'000'000)};
  std::uint64_t version_ = 0;
};

TEST_F(Rivals, AreThoseWhoGoOnWritingAfterUs) {
  see(object(-1, 1));
  see(object(2, 1));
  see(object(2, 3));
  EXPECT_THAT(why(), IsEmpty());
  see(object(4, 3));
  see(object(4, 5));
  EXPECT_THAT(why(), HasSubstr("kuberay-operator writes the status of RayCluster default/rc too"));
}

TEST_F(Rivals, AreNotThoseWhoWroteBeforeWeDid) {
  see(object(-1, 1));
  see(object(-1, 2));  // Late news of before we led, or of a standby's time.
  see(object(-1, 3));
  see(object(-1, 4));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNotLookedForWhileWeDoNotLead) {
  for (int second = 1; second < 9; second += 2) see(object(second, second + 1), false);
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNoPeopleAtKubectl) {
  see(object(1, -1));
  for (int second = 2; second < 9; ++second) see(object(second, second, "kubectl-edit"));
  EXPECT_THAT(why(), IsEmpty());
}

TEST_F(Rivals, AreNotKnownByOldNews) {
  see(object(1, 0));
  see(object(2, 3));
  const auto before = version_;
  version_ = 0;
  see(object(2, 4));
  EXPECT_THAT(why(), IsEmpty());
  version_ = before;
  see(object(2, 5));
  EXPECT_NE(why(), "");
}

TEST_F(Rivals, AreWaitedForAsLongAsTheyWrite) {
  see(object(1, 0));
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
  see(object(1, 0));
  see(object(2, 3));
  now_ += kRivalWithin;
  see(object(2, 4));
  EXPECT_THAT(why(), IsEmpty());
}

}  // namespace
}  // namespace raycord

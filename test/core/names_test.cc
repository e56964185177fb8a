#include "core/names.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/limits.h"

namespace raycord {
namespace {

const std::string kLong(100, 'x');

bool is_label(const std::string& name) {
  if (name.empty() || name.size() > 63) return false;
  for (const char c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!allowed) return false;
  }
  return name.front() != '-' && name.back() != '-';
}

TEST(NameSuffix, HasFiveLettersThatSpellNothing) {
  for (std::uint32_t counter = 0; counter < 500; ++counter) {
    const std::string suffix = name_suffix("uid", "cluster", counter);
    ASSERT_EQ(suffix.size(), 5U);
    EXPECT_EQ(suffix.find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
  }
}

TEST(NameSuffix, IsTheSameForTheSameAndOtherForOther) {
  std::set<std::string> seen;
  for (const char* uid : {"a", "b"}) {
    for (const char* use : {"head", "cluster"}) {
      for (std::uint32_t counter = 0; counter < 50; ++counter) {
        const std::string suffix = name_suffix(uid, use, counter);
        EXPECT_EQ(suffix, name_suffix(uid, use, counter));
        EXPECT_TRUE(seen.insert(suffix).second);
      }
    }
  }
}

TEST(NameSuffix, DoesNotRunItsPartsTogether) {
  EXPECT_NE(name_suffix("ab", "c", 1), name_suffix("a", "bc", 1));
  EXPECT_NE(name_suffix("a", "b", 11), name_suffix("a", "b1", 1));
}

// The name stands in logs and on objects: another function would find no cluster of ours again.
TEST(NameSuffix, IsTheSameInEveryBuild) {
  EXPECT_EQ(cluster_name("svc", "uid-svc", 1), "svc-raycluster-k8md4");
}

TEST(ClusterName, LeavesRoomForItsServices) {
  EXPECT_EQ(cluster_name("llm", "uid", 1).substr(0, 15), "llm-raycluster-");
  const std::string cut = cluster_name(kLong, "uid", 1);
  EXPECT_EQ(cut.size(), kClusterNameMax);
  EXPECT_TRUE(is_label(serve_service_name(cut)));
  EXPECT_TRUE(is_label(head_service_name(cut)));
}

TEST(ClusterName, IsNotCutAfterADash) {
  for (std::size_t length = 20; length < 60; ++length) {
    const std::string name = std::string(length, 'a') + "-." + std::string(60, 'b');
    const std::string cut = cluster_name(name, "uid", 1);
    EXPECT_EQ(cut.find("--"), std::string::npos) << cut;
    EXPECT_EQ(cut.find(".-"), std::string::npos) << cut;
  }
}

TEST(PodName, SaysClusterAndGroupInLowerCase) {
  EXPECT_EQ(head_pod_name("RC", "uid", 1).substr(0, 8), "rc-head-");
  EXPECT_EQ(worker_pod_name("rc", "uid", "GPU", 1).substr(0, 14), "rc-gpu-worker-");
  EXPECT_TRUE(is_label(head_pod_name(kLong, "uid", 1)));
  EXPECT_TRUE(is_label(worker_pod_name(kLong, "uid", kLong, 1)));
}

TEST(PodName, OfTwoGroupsDiffersThoughItsPrefixIsCutAlike) {
  EXPECT_NE(worker_pod_name(kLong, "uid", "a", 1), worker_pod_name(kLong, "uid", "b", 1));
}

TEST(ReplicaName, IsTheGroupAndASuffix) {
  EXPECT_EQ(replica_name("uid", "tpu", 1).substr(0, 4), "tpu-");
  EXPECT_NE(replica_name("uid", "tpu", 1), replica_name("uid", "tpu", 2));
}

TEST(CheckedName, KeepsTheEndAndStartsWithALetter) {
  EXPECT_EQ(checked_name("short"), "short");
  EXPECT_EQ(checked_name(""), "");
  EXPECT_EQ(checked_name("1abc"), "rabc");
  EXPECT_EQ(checked_name("-abc"), "rabc");
  const std::string name = "0123456789" + std::string(50, 'z');
  EXPECT_EQ(checked_name(name), std::string(50, 'z'));
  EXPECT_EQ(checked_name(kLong).size(), kPodPrefixMax);
}

TEST(Names, OfWhatAClusterHasOneOfFitTheirObjects) {
  EXPECT_EQ(ingress_name("rc"), "rc-head-ingress");
  EXPECT_EQ(redis_cleanup_name("rc"), "rc-redis-cleanup");
  EXPECT_EQ(fixed_head_name("Rc"), "rc-head");
  const std::string longest = "a23456789-b23456789-c23456789-d23456789-e23456789-fgh";
  EXPECT_EQ(redis_cleanup_name(longest),
            "56789-b23456789-c23456789-d23456789-e23456789-fgh-redis-cleanup");
  EXPECT_EQ(redis_cleanup_name(longest).size(), 63u);
  EXPECT_EQ(ingress_name(longest).size(), 50u);
}

}  // namespace
}  // namespace raycord

// ray.io/serve on head pods.

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;

std::string label_of_head(const History& history, const std::string& cluster) {
  return history.pod(history.head_of(cluster)).serve_label;
}

// 48
TEST(HeadLabel, FollowsTheProxyAndIsWrittenOnlyOnChange) {
  History history;
  const std::string cluster = begin(history);
  history.settle();
  history.start_pods(cluster);
  EXPECT_EQ(count_of(history.settle(), Rule::LabelHead), 0U);  // Nothing is known yet.
  for (const bool healthy : {false, true, true, false, false, true}) {
    history.wait(seconds(2));
    const std::string before = label_of_head(history, cluster);
    history.hear_proxy(cluster, healthy);
    const auto decided = history.settle();
    EXPECT_EQ(label_of_head(history, cluster), healthy ? "true" : "false");
    EXPECT_EQ(count_of(decided, Rule::LabelHead), before == (healthy ? "true" : "false") ? 0U : 1U);
  }
}

// 49
TEST(HeadLabel, IsFalseWhereTheHeadIsExcludedWhateverTheProxySays) {
  RayServiceSlice service = service_slice(kSvc);
  service.exclude_head_from_serve = true;
  History history;
  const std::string cluster = begin(history, service);
  history.settle();
  history.start_pods(cluster);
  history.edit_pod(history.head_of(cluster), [](PodSlice& pod) { pod.serve_label = "true"; });
  EXPECT_EQ(count_of(history.settle(), Rule::LabelHead), 1U);
  history.hear_proxy(cluster, true);
  EXPECT_EQ(count_of(history.settle(), Rule::LabelHead), 0U);
  EXPECT_EQ(label_of_head(history, cluster), "false");
}

TEST(HeadLabel, OfANewHeadWaitsForItsOwnProxy) {
  History history;
  const std::string cluster = serve(history);
  ASSERT_EQ(label_of_head(history, cluster), "true");
  history.gone({Kind::Pod, "default", history.head_of(cluster)});
  history.settle();
  history.start_pods(cluster);
  EXPECT_EQ(count_of(history.settle(), Rule::LabelHead), 0U);
  EXPECT_EQ(label_of_head(history, cluster), "false");
  history.hear_proxy(cluster, true);
  const auto decided = of_rule(history.settle(), Rule::LabelHead);
  ASSERT_EQ(decided.size(), 1U);
  // The cause is what this head's proxy said, not what its predecessor's did.
  EXPECT_EQ(decided[0].causes.back(), history.cluster(cluster).proxy.since);
  EXPECT_LT(history.cluster(cluster).pod_gone, decided[0].causes.back());
}

TEST(HeadLabel, ARunThatGoesOnFromBeforeWeKnewTheHeadTellsNothing) {
  History history;
  const std::string cluster = begin(history);
  history.settle();
  history.start_pods(cluster);
  ProbeRun run;
  run.ns = "default";
  run.cluster = cluster;
  run.head_uid = history.pod(history.head_of(cluster)).meta.uid;
  run.first = run.last = history.now();
  run.count = 1;
  run.continued = true;
  for (const ProbeTarget target : {ProbeTarget::Proxy, ProbeTarget::Dashboard}) {
    run.target = target;
    history.add(run);
  }
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::LabelHead), 0U);
  EXPECT_EQ(count_of(decided, Rule::SendServeConfig), 0U);
  EXPECT_FALSE(history.cluster(cluster).dashboard.armed);
}

// 23
TEST(HeadLabel, OfTheOldHeadIsTakenAwayDuringAnUpgradeWhichStillEnds) {
  RayServiceSlice service = service_slice(kSvc);
  service.groups = {};
  service.cluster_hashes = cluster_hashes("spec 1", 0);
  History history;
  const std::string active = serve(history, service);
  ASSERT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
  const std::string pending = upgrade(history, "spec 2");
  history.hear_proxy(active, false);
  history.settle();
  EXPECT_EQ(label_of_head(history, active), "false");
  history.fill_endpoints();
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "Ready"), "False ZeroServeEndpoints");
  become_ready(history, pending);
  history.settle();
  history.fill_endpoints();
  history.settle_for(seconds(2));
  EXPECT_EQ(active_of(history), pending);
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

TEST(HeadLabel, IsNotWrittenForADeletedService) {
  History history;
  const std::string cluster = serve(history);
  history.edit_service(kSvc, [&](RayServiceSlice& s) { s.meta.deleting_since = history.now(); });
  history.hear_proxy(cluster, false);
  EXPECT_EQ(count_of(history.turn(), Rule::LabelHead), 0U);
}

}  // namespace
}  // namespace raycord

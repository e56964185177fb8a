#include "operator/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/metric_text.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricText, HasTheFormOfPrometheus) {
  MetricText text;
  text.family("a_total", MetricType::Counter, "Help.");
  text.sample({{"x", "1"}, {"y", "say \"hi\"\n"}}, 12);
  text.sample({}, 0.5);
  EXPECT_EQ(text.take(),
            "# HELP a_total Help.\n# TYPE a_total counter\n"
            "a_total{x=\"1\",y=\"say \\\"hi\\\"\\n\"} 12\na_total 0.5\n");
}

TEST(Metrics, CountFactsDecisionsAndOutcomes) {
  Metrics metrics;
  Frame frame;
  WriteDone done;
  done.result = WriteResult::Refused;
  ProbeRun run;
  run.count = 7;
  run.answer.trouble = ProbeTrouble::Refused;
  frame.facts = {{std::nullopt, done}, {std::nullopt, run}};
  Decision decision;
  decision.rule = Rule::StartUpgrade;
  frame.decisions = {decision};
  metrics.count(frame);
  metrics.count(frame);
  const std::string text = metrics.text(State(), {});
  EXPECT_THAT(text, HasSubstr("raycord_facts_total{kind=\"WriteDone\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("raycord_decisions_total{rule=\"start-upgrade\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(std::string("raycord_outcomes_total{result=\"") +
                              name_of(WriteResult::Refused) + "\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("raycord_probes_total{target=\"dashboard\"} 14\n"));
}

TEST(Metrics, TellOfTheWebhookWhereThereIsOne) {
  MetricsView view;
  EXPECT_THAT(Metrics().text(State(), view), Not(HasSubstr("raycord_admission")));
  view.reviews = ReviewsView{5, 2, 1, Time(Millis(1'700'000'000'000))};
  const std::string text = Metrics().text(State(), view);
  EXPECT_THAT(text, HasSubstr("raycord_admission_reviews_total{result=\"allowed\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("raycord_admission_reviews_total{result=\"refused\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("raycord_webhook_certificate_expires_seconds 1700000000\n"));
}

TEST(Metrics, SortTurnsByTheirTime) {
  Metrics metrics;
  metrics.count_turn(std::chrono::microseconds(300));
  metrics.count_turn(std::chrono::seconds(10));
  const std::string text = metrics.text(State(), {});
  EXPECT_THAT(text, HasSubstr("raycord_turn_seconds_bucket{le=\"0.0001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("raycord_turn_seconds_bucket{le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("raycord_turn_seconds_bucket{le=\"5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("raycord_turn_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("raycord_turn_seconds_count 2\n"));
}

TEST(Metrics, ShowServicesAndClustersAsKubeRayDoes) {
  State state;
  Partition& partition = state.partitions[{Kind::RayService, "prod", "llm"}];
  partition.service.emplace();
  partition.service->value.meta.ns = "prod";
  partition.service->value.meta.name = "llm";
  partition.service->value.meta.uid = "u1";
  Condition ready;
  ready.type = "Ready";
  ready.status = "True";
  partition.status.value.conditions = {ready};
  Cluster& cluster = partition.clusters["llm-raycluster-aaaaa"];
  cluster.object.emplace();
  cluster.object->value.meta = partition.service->value.meta;
  cluster.object->value.meta.name = "llm-raycluster-aaaaa";
  partition.clusters["gone"];
  const std::string text = Metrics().text(state, {});
  const std::string labels = "{name=\"llm\",namespace=\"prod\",uid=\"u1\"";
  EXPECT_THAT(text, HasSubstr("kuberay_service_info" + labels + "} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("kuberay_service_condition_ready" + labels + ",condition=\"true\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kuberay_service_condition_upgrade_in_progress" + labels +
                              ",condition=\"false\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("kuberay_cluster_info{name=\"llm-raycluster-aaaaa\",namespace=\"prod\","
                        "uid=\"u1\",owner_kind=\"RayService\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kuberay_cluster_condition_provisioned{name=\"llm-raycluster-aaaaa\","
                              "namespace=\"prod\",uid=\"u1\",condition=\"false\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("\"gone\"")));
  EXPECT_THAT(text, Not(HasSubstr("kuberay_cluster_provisioned_duration_seconds{")));
}

TEST(Metrics, TellHowLongAClusterTookToBeProvisioned) {
  State state;
  Cluster& cluster = state.partitions[{Kind::RayCluster, "prod", "rc"}].clusters["rc"];
  cluster.object.emplace();
  cluster.object->value.meta.name = "rc";
  cluster.object->value.meta.created = Time(Millis(1'000));
  Condition provisioned;
  provisioned.type = "RayClusterProvisioned";
  provisioned.status = "True";
  provisioned.since = Time(Millis(8'500));
  cluster.status.value.conditions = {provisioned};
  EXPECT_THAT(Metrics().text(state, {}),
              HasSubstr("kuberay_cluster_provisioned_duration_seconds{name=\"rc\",namespace=\"\","
                        "uid=\"\"} 7.5\n"));
}

TEST(Metrics, KnowTheMemoryOfTheProcess) { EXPECT_GT(resident_bytes(), 100'000U); }

}  // namespace
}  // namespace raycord

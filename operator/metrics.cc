#include "operator/metrics.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "core/status.h"
#include "operator/metric_text.h"

namespace raycord {
namespace {

using Labels = MetricText::Labels;

double number(std::uint64_t value) { return static_cast<double>(value); }

void write_counts(MetricText& text, const char* name, const char* label, const char* help,
                  const std::map<std::string, std::uint64_t>& counts) {
  text.family(name, MetricType::Counter, help);
  for (const auto& [key, count] : counts) text.sample({{label, key}}, number(count));
}

void write_gauge(MetricText& text, const char* name, const char* help, double value) {
  text.family(name, MetricType::Gauge, help);
  text.sample({}, value);
}

Labels labels_of(const Meta& meta) {
  return {{"name", meta.name}, {"namespace", meta.ns}, {"uid", meta.uid}};
}

// What samples say of partitions, gathered in one walk: a walk unpacks each one that rests.
struct ServiceRow {
  Labels labels;
  bool ready = false;
  bool upgrading = false;
};
struct ClusterRow {
  Labels labels;
  const char* owner_kind = "None";
  bool provisioned = false;
  std::optional<Millis> took;  // From its creation until it was provisioned.
};
struct Rows {
  std::vector<ServiceRow> services;
  std::vector<ClusterRow> clusters;
  std::uint64_t quarantined = 0;
};

bool is_true(const std::vector<Condition>& conditions, const char* type) {
  const Condition* condition = find_condition(conditions, type);
  return condition != nullptr && condition->status == "True";
}

ClusterRow row_of(Kind root, const Cluster& cluster) {
  const Meta& meta = cluster.object->value.meta;
  ClusterRow row{labels_of(meta), root == Kind::RayService ? "RayService" : "None", false, {}};
  const Condition* provisioned =
      find_condition(cluster.status.value.conditions, "RayClusterProvisioned");
  if (provisioned == nullptr || provisioned->status != "True") return row;
  row.provisioned = true;
  row.took = std::chrono::duration_cast<Millis>(provisioned->since - meta.created);
  return row;
}

Rows rows_of(const State& state) {
  Rows rows;
  for (const auto& [key, partition] : state.partitions) {
    if (!partition.quarantine.empty()) ++rows.quarantined;
    if (partition.service) {
      const std::vector<Condition>& conditions = partition.status.value.conditions;
      rows.services.push_back({labels_of(partition.service->value.meta),
                               is_true(conditions, "Ready"),
                               is_true(conditions, "UpgradeInProgress")});
    }
    for (const auto& [name, cluster] : partition.clusters) {
      if (cluster.object) rows.clusters.push_back(row_of(key.root, cluster));
    }
  }
  return rows;
}

// KubeRay's form: the value is a label, and the sample is 1.
void write_sample(MetricText& text, Labels labels, const char* label, const char* value) {
  labels.emplace_back(label, value);
  text.sample(labels, 1);
}
void write_sample(MetricText& text, const Labels& labels, bool condition) {
  write_sample(text, labels, "condition", condition ? "true" : "false");
}

void write_services(MetricText& text, const Rows& rows) {
  text.family("kuberay_service_info", MetricType::Gauge, "RayServices.");
  for (const ServiceRow& row : rows.services) text.sample(row.labels, 1);
  text.family("kuberay_service_condition_ready", MetricType::Gauge,
              "Whether RayServices are ready.");
  for (const ServiceRow& row : rows.services) write_sample(text, row.labels, row.ready);
  text.family("kuberay_service_condition_upgrade_in_progress", MetricType::Gauge,
              "Whether RayServices are being upgraded.");
  for (const ServiceRow& row : rows.services) write_sample(text, row.labels, row.upgrading);
}

void write_clusters(MetricText& text, const Rows& rows) {
  text.family("kuberay_cluster_info", MetricType::Gauge, "RayClusters.");
  for (const ClusterRow& row : rows.clusters) {
    write_sample(text, row.labels, "owner_kind", row.owner_kind);
  }
  text.family("kuberay_cluster_condition_provisioned", MetricType::Gauge,
              "Whether all pods of RayClusters were ready once.");
  for (const ClusterRow& row : rows.clusters) write_sample(text, row.labels, row.provisioned);
  text.family("kuberay_cluster_provisioned_duration_seconds", MetricType::Gauge,
              "Seconds from the creation of RayClusters until all their pods were ready.");
  for (const ClusterRow& row : rows.clusters) {
    if (row.took) text.sample(row.labels, static_cast<double>(row.took->count()) / 1000);
  }
}

void write_view(MetricText& text, const MetricsView& view) {
  write_gauge(text, "raycord_leading", "1 while this process may write.", view.may_write ? 1 : 0);
  write_gauge(text, "raycord_writes_in_flight", "Writes sent and not answered.",
              number(view.writes_in_flight));
  write_gauge(text, "raycord_writes_waiting", "Writes decided and synced, not sent.",
              number(view.writes_waiting));
  write_gauge(text, "raycord_log_last_event", "Number of the newest event.",
              number(view.last_event));
  write_gauge(text, "raycord_log_synced_event", "Number of the newest event known to be on disk.",
              number(view.synced_event));
  write_gauge(text, "raycord_log_backlog_bytes", "Bytes of the log not yet on disk.",
              number(view.backlog_bytes));
  write_gauge(text, "raycord_observed_bytes", "Bytes observed that the loop has not taken in.",
              number(view.observed_bytes));
  write_counts(text, "raycord_announcements_total", "result", "Kubernetes Events, by what became.",
               {{"dropped", view.unannounced}, {"sent", view.announced}});
  write_gauge(text, "raycord_troubles", "Conversations with the API server that do not get on.",
              number(view.troubles));
  write_gauge(text, "process_resident_memory_bytes", "Resident memory of the process.",
              number(view.resident_bytes));
  if (!view.reviews) return;
  write_counts(text, "raycord_admission_reviews_total", "result",
               "What the admission webhook was asked, by its answer.",
               {{"allowed", view.reviews->allowed},
                {"refused", view.reviews->refused},
                {"unanswered", view.reviews->unanswered}});
  const auto until = std::chrono::floor<std::chrono::seconds>(view.reviews->good_until);
  write_gauge(text, "raycord_webhook_certificate_expires_seconds",
              "When the webhook's certificate ends, in Unix time; 0: there is none yet.",
              static_cast<double>(until.time_since_epoch().count()));
}

void write_fleet(MetricText& text, const State& state, const Rows& rows) {
  write_gauge(text, "raycord_failovers_held", "1 while all failovers are held.",
              state.fleet.held ? 1 : 0);
  write_gauge(text, "raycord_partitions", "RayServices, and RayClusters of their own.",
              number(state.partitions.size()));
  write_gauge(text, "raycord_partitions_quarantined",
              "Those for which nothing is done because an invariant broke.",
              number(rows.quarantined));
}

}  // namespace

void Metrics::count(const Frame& frame) {
  for (const PlacedFact& placed : frame.facts) {
    ++facts_[kind_of(placed.fact)];
    if (const auto* done = std::get_if<WriteDone>(&placed.fact)) {
      ++outcomes_[name_of(done->result)];
    } else if (const auto* run = std::get_if<ProbeRun>(&placed.fact)) {
      probes_[name_of(run->target)] += run->count;
      if (!run->continued) ++troubles_[name_of(run->answer.trouble)];
    }
  }
  for (const Decision& decision : frame.decisions) ++decisions_[name_of(decision.rule)];
}

void Metrics::count_turn(std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::lower_bound(kTurnBuckets.begin(), kTurnBuckets.end(), seconds);
  ++turns_[static_cast<std::size_t>(bucket - kTurnBuckets.begin())];
  turn_time_ += took;
}

std::string Metrics::text(const State& state, const MetricsView& view) const {
  MetricText text;
  write_counts(text, "raycord_facts_total", "kind", "Facts folded, by kind.", facts_);
  write_counts(text, "raycord_decisions_total", "rule", "Decisions, by rule.", decisions_);
  write_counts(text, "raycord_outcomes_total", "result", "Outcomes of writes, by result.",
               outcomes_);
  write_counts(text, "raycord_probes_total", "target", "Probes of Ray, by target.", probes_);
  write_counts(text, "raycord_probe_changes_total", "trouble",
               "Probe answers that differed from the one before, by trouble.", troubles_);
  text.family("raycord_turn_seconds", MetricType::Histogram, "Time of a turn of the loop.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    below += turns_[i];
    const bool last = i == kTurnBuckets.size();
    text.sample("_bucket", {{"le", last ? "+Inf" : fmt::format("{}", kTurnBuckets[i])}},
                number(below));
  }
  text.sample("_sum", {}, std::chrono::duration<double>(turn_time_).count());
  text.sample("_count", {}, number(below));
  write_view(text, view);
  const Rows rows = rows_of(state);
  write_fleet(text, state, rows);
  write_services(text, rows);
  write_clusters(text, rows);
  return text.take();
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace raycord

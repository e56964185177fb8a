// Every cell of the table in core/rule_clusters.cc: what is decided, and that two clusters are the
// most there ever are.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "core/wish.h"
#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;

enum class Active { None, AskedWell, AskedIll, OtherWell, OtherIll, Appended };
enum class Pending { None, Asked, Other, Ill, TooLate, Failover };
enum class Leaving { None, Draining };

constexpr Active kActives[] = {Active::None,      Active::AskedWell, Active::AskedIll,
                               Active::OtherWell, Active::OtherIll,  Active::Appended};
constexpr Pending kPendings[] = {Pending::None, Pending::Asked,   Pending::Other,
                                 Pending::Ill,  Pending::TooLate, Pending::Failover};
constexpr FailoverMode kModes[] = {FailoverMode::Enforce, FailoverMode::Shadow, FailoverMode::Off};

const char* text_of(Active active) {
  switch (active) {
    case Active::None:
      return "no active";
    case Active::AskedWell:
      return "asked, well";
    case Active::AskedIll:
      return "asked, ill";
    case Active::OtherWell:
      return "other, well";
    case Active::OtherIll:
      return "other, ill";
    case Active::Appended:
      return "appended";
  }
  return "";
}

const char* text_of(Pending pending) {
  switch (pending) {
    case Pending::None:
      return "no pending";
    case Pending::Asked:
      return "asked";
    case Pending::Other:
      return "other";
    case Pending::Ill:
      return "ill";
    case Pending::TooLate:
      return "too late";
    case Pending::Failover:
      return "failover";
  }
  return "";
}

struct Cell {
  Active active = Active::None;
  Pending pending = Pending::None;
  Leaving leaving = Leaving::None;
  FailoverMode mode = FailoverMode::Enforce;
  bool held = false;
};

std::string text_of(const Cell& cell) {
  return std::string(text_of(cell.active)) + " / " + text_of(cell.pending) +
         (cell.leaving == Leaving::Draining ? " / draining" : " / -") +
         (cell.mode == FailoverMode::Enforce  ? ", enforce"
          : cell.mode == FailoverMode::Shadow ? ", shadow"
                                              : ", off") +
         (cell.held ? ", held" : "");
}

// What is expected: the cluster rules, in alphabetical order, by cell.
using Rules = std::set<std::string>;

bool may_fail_over(const Cell& cell) { return cell.mode == FailoverMode::Enforce && !cell.held; }

Rules expected_alone(const Cell& cell) {
  const bool draining = cell.leaving == Leaving::Draining;
  const bool act = may_fail_over(cell);
  switch (cell.active) {
    case Active::None:
      return {"start-first-cluster"};
    case Active::AskedWell:
      return {};
    case Active::AskedIll:
      if (!act) return {};
      return draining ? Rules{"cut-drain-for-failover"} : Rules{"fail-over-silent-dashboard"};
    case Active::OtherWell:
      return draining ? Rules{} : Rules{"start-upgrade"};
    case Active::OtherIll:
      if (!draining) return {"start-upgrade"};
      return act ? Rules{"cut-drain-for-failover"} : Rules{};
    case Active::Appended:
      return {"append-worker-groups"};
  }
  return {};
}

Rules expected(const Cell& cell) {
  const bool active = cell.active != Active::None;
  const bool active_fits = cell.active == Active::AskedWell || cell.active == Active::AskedIll ||
                           cell.active == Active::Appended;
  const Rules append = cell.active == Active::Appended ? Rules{"append-worker-groups"} : Rules{};
  switch (cell.pending) {
    case Pending::None:
      return expected_alone(cell);
    case Pending::Asked:
      return append;
    case Pending::Other:
      return {active && active_fits ? "cancel-upgrade" : "replace-pending"};
    case Pending::Ill:
      if (cell.held) return append;
      if (!active) return may_fail_over(cell) ? Rules{"drop-ill-pending"} : Rules{};
      return {"drop-ill-pending"};
    case Pending::TooLate:
      if (cell.held) return append;
      return active ? Rules{"drop-ill-pending"} : Rules{};
    case Pending::Failover:
      if (cell.active == Active::Appended) return {"append-worker-groups", "cancel-failover"};
      return cell.active == Active::AskedWell ? Rules{"cancel-failover"} : Rules{};
  }
  return {};
}

// --- Worlds -------------------------------------------------------------------------------------

const char* const kNow = "spec now";
const char* const kOther = "spec other";

RayClusterSlice cluster_of(const std::string& name, std::uint32_t counter, const char* spec,
                           Purpose purpose, Time created) {
  RayClusterSlice cluster = cluster_slice(name);
  cluster.meta.owner = {"RayService", kSvc, "uid-svc"};
  cluster.meta.created = created;
  cluster.from_ray_service = true;
  cluster.own_hashes = cluster_hashes(spec, 2);
  cluster.groups.push_back(worker_group("more", 1));
  cluster.stamped_groups = 2;
  cluster.spec_revision = cluster.own_hashes.back();
  cluster.purpose = purpose;
  cluster.counter = counter;
  return cluster;
}

void see_cluster(History& history, RayClusterSlice cluster, bool serving) {
  const std::string name = cluster.meta.name;
  history.see(std::move(cluster));
  PodSlice head = head_slice(name, name + "-head");
  head.serve_label = serving ? "true" : "false";
  history.see(head);
}

ServiceSlice service_to(const std::string& cluster, bool serve) {
  ServiceSlice service;
  service.meta = meta_named(serve ? "svc-serve-svc" : "svc-head-svc");
  service.meta.owner = {"RayService", kSvc, "uid-svc"};
  service.selected_cluster = cluster;
  service.selects_serve = serve;
  service.is_head_service = !serve;
  return service;
}

// A history in which the cell holds now; a history of another shape could not be told apart.
class World {
 public:
  explicit World(const Cell& cell) : cell_(cell) {
    RayServiceSlice service = service_slice(kSvc);
    service.has_finalizer = true;
    service.cluster_hashes = cluster_hashes(kNow, 2);
    service.groups = {"workers", "more"};
    service.failover = cell.mode;
    service.name_counter = 3;
    history.see(service);
    if (cell.leaving == Leaving::Draining) see_leaving();
    if (cell.active != Active::None) see_active();
    if (cell.pending == Pending::TooLate) history.wait(kPrepareLimit);
    if (cell.pending != Pending::None) see_pending();
    tell_health();
    if (cell.held) history.add(FleetHoldChanged{true, "test"});
  }

  History history;

 private:
  void see_leaving() {
    RayClusterSlice old = cluster_of("c1", 1, kOther, Purpose::First, history.now());
    old.delete_after = history.now() + std::chrono::hours(24);
    see_cluster(history, old, false);
  }

  void see_active() {
    const bool other = cell_.active == Active::OtherWell || cell_.active == Active::OtherIll;
    RayClusterSlice active =
        cluster_of("c2", 2, other ? kOther : kNow, Purpose::First, history.now());
    if (cell_.active == Active::Appended) {
      active.own_hashes.pop_back();
      active.spec_revision = active.own_hashes.back();
      active.groups.pop_back();
      active.stamped_groups = 1;
    }
    see_cluster(history, active, true);
    history.see(service_to("c2", false));
    history.see(service_to("c2", true));
  }

  void see_pending() {
    const bool other = cell_.pending == Pending::Other;
    const bool failover = cell_.pending == Pending::Failover;
    const bool late = cell_.pending == Pending::TooLate;
    const Time created = late ? history.now() - kPrepareLimit : history.now();
    see_cluster(history,
                cluster_of("c3", 3, other ? kOther : kNow,
                           failover ? Purpose::Failover : Purpose::Upgrade, created),
                false);
  }

  // Both clocks are told in one stretch of time: 400 s of answers or of silence.
  void tell_health() {
    const Time start = history.now();
    const auto tell = [&](const std::string& cluster, ProbeTrouble trouble, Time first, Time last,
                          const char* status) {
      ProbeRun run;
      run.ns = "default";
      run.cluster = cluster;
      run.head_uid = "uid-" + cluster + "-head";
      run.first = first;
      run.last = last;
      run.count = 100;
      run.answer.trouble = trouble;
      if (trouble == ProbeTrouble::None) {
        run.answer.serve = with_status(svc_of(history).serve_config, status);
      }
      history.add(run);
    };
    const auto tell_ill = [&](const std::string& cluster, bool ill, const char* well_status) {
      tell(cluster, ProbeTrouble::None, start, start, well_status);
      const ProbeTrouble trouble = ill ? ProbeTrouble::Timeout : ProbeTrouble::None;
      tell(cluster, trouble, start + seconds(2), start + seconds(400), well_status);
    };
    history.wait(seconds(400));
    if (cell_.active != Active::None) {
      tell_ill("c2", cell_.active == Active::AskedIll || cell_.active == Active::OtherIll,
               "RUNNING");
    }
    if (cell_.pending != Pending::None) {
      tell_ill("c3", cell_.pending == Pending::Ill, "DEPLOYING");
    }
  }

  Cell cell_;
};

bool is_about_clusters(Rule rule) {
  static const std::set<Rule> kAbout = {
      Rule::StartFirstCluster,       Rule::StartUpgrade,         Rule::AppendWorkerGroups,
      Rule::CancelUpgrade,           Rule::ReplacePending,       Rule::DropIllPending,
      Rule::DeleteOldCluster,        Rule::CancelFailover,       Rule::CutDrainForFailover,
      Rule::FailOverSilentDashboard, Rule::FailOverUnhealthyApp, Rule::FailOverHeadNotReady};
  return kAbout.count(rule) > 0;
}

Rules decided_in(const std::vector<Decision>& decisions) {
  Rules rules;
  for (const Decision& decision : decisions) {
    if (is_about_clusters(decision.rule)) rules.insert(name_of(decision.rule));
  }
  return rules;
}

std::vector<Cell> all_cells() {
  std::vector<Cell> cells;
  for (const Active active : kActives) {
    for (const Pending pending : kPendings) {
      for (const Leaving leaving : {Leaving::None, Leaving::Draining}) {
        for (const FailoverMode mode : kModes) {
          for (const bool held : {false, true}) {
            cells.push_back({active, pending, leaving, mode, held});
          }
        }
      }
    }
  }
  return cells;
}

// A world with three clusters was not made by us; it is only led back to two.
std::size_t clusters_in(const Cell& cell) {
  return (cell.active != Active::None ? 1U : 0U) + (cell.pending != Pending::None ? 1U : 0U) +
         (cell.leaving == Leaving::Draining ? 1U : 0U);
}

TEST(TwoClusters, EveryCellDecidesAsTheTableSays) {
  std::size_t cells = 0;
  for (const Cell& cell : all_cells()) {
    World world(cell);
    EXPECT_EQ(decided_in(world.history.turn()), expected(cell)) << text_of(cell);
    ++cells;
  }
  EXPECT_EQ(cells, 6U * 6U * 2U * 3U * 2U);
}

TEST(TwoClusters, NoCellLeadsToAThirdOne) {
  for (const Cell& cell : all_cells()) {
    World world(cell);
    History& history = world.history;
    const std::size_t most = std::max<std::size_t>(2, clusters_in(cell));
    for (int turns = 0; turns < 12; ++turns) {
      const auto decided = history.turn();
      // Counted from the decision: outcomes may come late, in any order.
      ASSERT_LE(roles_in(history).counted, most) << text_of(cell);
      for (const Decision& decision : decided) {
        history.carry_out(decision);
        ASSERT_LE(roles_in(history).counted, most) << text_of(cell);
      }
    }
  }
}

// A DELETE that is decided but not accepted still counts, for as long as it takes.
TEST(TwoClusters, AClusterCountsUntilItsDeletionIsAccepted) {
  for (const Cell& cell : all_cells()) {
    World world(cell);
    History& history = world.history;
    const auto first = history.turn();
    if (effects_of<DeleteObject>(first).empty()) continue;
    for (int turns = 0; turns < 5; ++turns) {
      history.wait(seconds(1));
      EXPECT_EQ(effects_of<CreateCluster>(history.turn()).size(), 0U) << text_of(cell);
    }
  }
}

// The same after a restart, with all outcomes lost and the deletion not done.
TEST(TwoClusters, ARestartInEveryCellDecidesNothingItMustNot) {
  for (const Cell& cell : all_cells()) {
    World world(cell);
    History& history = world.history;
    history.turn();
    history.restart();
    const std::size_t most = std::max<std::size_t>(2, clusters_in(cell));
    const auto again = history.turn();
    ASSERT_LE(roles_in(history).counted, most) << text_of(cell);
    const Rules decided = decided_in(again);
    Rules before = expected(cell);
    // A limit that has passed is judged by fresh answers; until then groups may be appended.
    if (cell.active == Active::Appended) before.insert("append-worker-groups");
    for (const std::string& rule : decided)
      EXPECT_TRUE(before.count(rule)) << text_of(cell) << rule;
  }
}

// What carries traffic is never deleted, in no cell.
TEST(TwoClusters, NoCellDeletesTheActiveCluster) {
  for (const Cell& cell : all_cells()) {
    if (cell.active == Active::None) continue;
    World world(cell);
    for (const Decision& decision : world.history.settle()) {
      const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
      EXPECT_TRUE(deletion == nullptr || deletion->object.name != "c2") << text_of(cell);
    }
  }
}

}  // namespace
}  // namespace raycord

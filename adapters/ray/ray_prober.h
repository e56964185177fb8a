// RayProber asks every wanted head what it serves, each on its own beat, and reports runs of equal
// answers.
//
// At most one question per target is under way; a target that is slow is asked again at its next
// beat, and nobody waits for it. Beats are spread over kProbePeriod by cluster.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/ray/probe_run.h"
#include "adapters/ray/ray_address.h"
#include "core/report.h"
#include "core/wanted.h"
#include "formats/message_keeper.h"

namespace raycord {

class RayProber final : public HttpListener {
 public:
  RayProber(HttpTransport& transport, const RayWay& way);
  ~RayProber() override;
  RayProber(const RayProber&) = delete;
  RayProber& operator=(const RayProber&) = delete;

  // The probes that are wanted from now on; what is missing is asked no more.
  void want(const std::vector<WantedProbe>& probes, Time now);

  // Reports what the targets of one cluster, or of all, answered and was not reported yet.
  void flush(const std::string& ns, const std::string& cluster);
  void flush();

  void tick(Time now);
  Time next_wake() const;

  std::vector<Report> take_reports();
  std::size_t in_flight() const { return asking_.size(); }

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  using Key = std::tuple<std::string, std::string, ProbeTarget>;  // Namespace, cluster, what.

  struct Probe {
    const WantedProbe& wanted() const { return runner.wanted(); }

    ProbeRunner runner;
    MessageKeeper messages;
    Time next{};              // Beat.
    std::uint64_t asked = 0;  // Exchange under way; 0: none.
    Time asked_at{};
    bool at_agent = false;   // The question under way went to the agent …
    bool via_agent = false;  // … where the last good answer came from.
    Hash last_body;          // Of the last good answer; empty: the last one was not good.
    bool last_from_agent = false;
    Time due{};  // When tick() is to look at it; see note_due().
  };

  void begin(Probe& probe, Time now);
  void ask(const Key& key, Probe& probe, bool agent, Time now);
  void take_answer(const Key& key, Probe& probe, const HttpOutcome& outcome);
  void take_dashboard(Probe& probe, Time at, const HttpOutcome& outcome, bool from_agent);
  void add(Probe& probe, Time at, Millis elapsed, ProbeAnswer answer);
  void report_unreadable(const Probe& probe, ProbeTrouble trouble, const std::string& why,
                         const std::string& body);
  void drop(Probe& probe);
  void note_due(const Key& key, Probe& probe);
  void move_runs();

  HttpTransport& transport_;
  const RayWay& way_;
  std::map<Key, Probe> probes_;
  std::set<std::pair<Time, Key>> due_;  // So that a step costs what is due, not what there is.
  std::map<std::uint64_t, Key> asking_;
  std::vector<ProbeRun> runs_;
  std::vector<Report> reports_;
};

}  // namespace raycord

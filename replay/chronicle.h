// Chronicle turns the frames of one partition into lines that a person follows: upgrades,
// failovers, edits, ill health, decisions and what became of them. What repeats or merely goes on
// is left out.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/state.h"

namespace raycord {

enum class Mood { Plain, Action, Good, Bad, Aside };

struct ChronicleLine {
  Seq seq;
  Time at{};
  std::optional<PartitionName> partition;
  std::string rule;  // Of a decision.
  std::string text;
  std::string short_text;  // Names without the name of the RayService in front.
  std::string outcome;     // Of a decision, once it is known.
  Mood mood = Mood::Plain;
};

class Chronicle {
 public:
  // With `everything` housekeeping is told, too: statuses, memories, labels.
  Chronicle(PartitionName partition, bool everything);

  void take(const Frame& frame);
  // Only what concerns all: starts, gaps, leadership, holds.
  void take_fleet(const Frame& frame);

  // The lines since the last call. Decisions come with their outcome if it is known by now; one
  // that fails later gets a line of its own.
  std::vector<ChronicleLine> take_lines();

 private:
  struct Pending {  // Decisions told in one line.
    std::size_t line = 0;
    bool taken = false;  // The line was given away.
    std::size_t open = 0;
    std::size_t done = 0;
    Time at{};
    std::string text;
    std::string trouble;
  };
  // What was last told of a cluster.
  struct ClusterView {
    std::string head;  // Name of the head pod.
    bool head_ready = false;
    std::string head_uid;
    std::string answer;  // Of the dashboard.
    Time silent_since{};
    std::optional<bool> proxy_healthy;
    Time created_at{};
    Purpose purpose = Purpose::Unknown;
    bool gone = false;
  };

  void add(Seq seq, Time at, Mood mood, std::string text);
  std::string shortened(const std::string& text) const;
  void tell(Seq seq, Time at, const ObjectSeen& fact);
  void tell(Seq seq, Time at, const ObjectGone& fact);
  void tell(Seq seq, Time at, const ProbeRun& fact);
  void tell(Seq seq, Time at, const WriteDone& fact);
  void tell_service(Seq seq, Time at, const RayServiceSlice& slice);
  void tell_cluster(Seq seq, Time at, const RayClusterSlice& slice);
  void tell_pod(Seq seq, Time at, const PodSlice& slice);
  void tell_silence(Seq seq, Time at, const ProbeRun& run, ClusterView& view);
  void tell_traffic(Seq seq, Time at);
  void tell_decisions(const Frame& frame);
  bool is_told(const Decision& decision) const;

  PartitionName partition_;
  bool everything_;
  State state_;
  std::vector<ChronicleLine> lines_;
  std::optional<RayServiceSlice> service_;
  std::map<std::string, ClusterView> clusters_;
  std::map<std::string, bool> failed_pods_;
  std::string active_;
  std::map<Seq, std::size_t> open_;  // Decision → place in pending_.
  std::vector<Pending> pending_;
};

}  // namespace raycord

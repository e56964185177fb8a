// The loop's own work, without threads and clocks: reports in, frames to the log, decisions out.
//
//   Loop loop(log, std::move(folded));
//   loop.begin(now, started);                     // Gap, Started
//   loop.take(now, reports);                      // turns; frames are queued at the log
//   for (Decision& d : loop.release(log.mark().seq)) execute(d);   // only what is synced
//   world.want(loop.wanted());
//
// The live operator drives it from its loop thread, the simulator from virtual time. One fold, one
// order of frames; nothing here can change a decision but the reports and their grouping in turns,
// and both are in the log.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/frame.h"
#include "core/report.h"
#include "core/state.h"
#include "core/wanted.h"
#include "formats/frame_codec.h"
#include "formats/name_table.h"
#include "operator/absence.h"
#include "store/checkpoints.h"
#include "store/event_log.h"
#include "store/fold_log.h"

namespace raycord {

class Loop {
 public:
  // After an accepted loss the log's numbers go on far behind the last event.
  Loop(EventLog& log, FoldedLog folded);

  // Told each frame after it was decided: announcements, metrics, log lines.
  using FrameListener = std::function<void(const Frame& frame, const State& state)>;
  void set_frame_listener(FrameListener listener) { frame_listener_ = std::move(listener); }

  // The first frame of a run: the gap before it, if there was anything before it, and Started.
  void begin(Time now, const Started& started, const Absence& absence = {});

  // Folds what has arrived, in turns of at most kReportsPerTurn. Without reports a turn is taken
  // only when a deadline is due. Reports that are no news are dropped.
  void take(Time now, std::vector<Report> reports);

  // Beyond these, partitions rest packed between turns.
  void keep_open(std::size_t partitions);

  // Keeps the state beside the log, as every kCheckpointEvents: the next start reads less.
  void checkpoint();

  // A due deadline asks for a turn at this time; nothing: never.
  std::optional<Time> next_deadline() const;

  // Decisions whose frame is synced, in order, each once. What is no longer wanted comes back
  // through `withdrawn` as outcomes to be taken in the next turn.
  struct Released {
    std::vector<Decision> decisions;
    std::vector<Report> withdrawn;
  };
  Released release(std::uint64_t synced);

  // What the world is to watch and probe; kept per partition, so a turn costs what it touched.
  Wanted wanted() const;
  // Changes with every change of wanted().
  std::uint64_t wanted_version() const { return wanted_version_; }

  const State& state() const { return state_; }
  // The log's number of an object, for its raw versions; 0: the log does not know it.
  std::uint32_t number_of(const ObjectName& object) const { return names_.find(to_text(object)); }

 private:
  std::optional<Gap> gap_before(Time now, const Absence& absence) const;
  void turn(Time now, std::vector<Report>::iterator begin, std::vector<Report>::iterator end);
  void write(const Frame& frame, std::map<Seq, std::string> raw);
  void refresh_wanted(const std::set<PartitionName>& touched);

  EventLog& log_;
  State state_;
  bool lost_events_;  // Numbers were skipped: somebody accepted a loss since the last run.
  NameTable names_;
  Checkpoints checkpoints_;
  FrameEncoder encoder_{names_};
  FrameListener frame_listener_;
  std::deque<Decision> unsynced_;
  std::map<PartitionName, Wanted> wanted_;
  Wanted fleet_wanted_;
  std::uint64_t wanted_version_ = 0;
};

}  // namespace raycord

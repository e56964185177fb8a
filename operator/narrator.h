// Narrator says in log lines what was decided, what became of it, and what is in the way.
//
// One line for each decision, each outcome and each fact about the operator itself. Objects and
// probes are in the event log; a line for each would hide the others.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/frame.h"
#include "operator/log_lines.h"

namespace raycord {

class Narrator {
 public:
  Narrator(LogLines& lines, std::string log_id) : lines_(lines), log_id_(std::move(log_id)) {}

  void tell(const Frame& frame);

  // All there are now; what has stayed for a while is said, and that it is over.
  void tell_troubles(Time now, const std::vector<std::string>& troubles);

 private:
  struct Asked {
    PartitionName partition;
    Rule rule;
  };

  void tell(const Fact& fact, Seq seq);

  LogLines& lines_;
  std::string log_id_;
  std::map<Seq, Asked> asked_;  // Decisions without an outcome.
  struct Trouble {
    Time since{};
    bool said = false;
  };
  std::map<std::string, Trouble> troubles_;
};

}  // namespace raycord

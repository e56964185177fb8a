// Session = what a command talks to besides the log: outputs, the present time, a wish to stop.

#pragma once

#include <functional>
#include <ostream>

#include "core/time.h"
#include "replay/terminal.h"

namespace raycord {

enum class Format { Table, Wide, Name, Json, Yaml };

// What a command ends with; errors end with 2.
enum class Exit : int { Good = 0, Bad = 1 };

struct Session {
  std::ostream& out;
  std::ostream& err;  // Progress, and notes beside the answer.
  Terminal terminal{};
  Time now{};

  // The user interrupted us.
  std::function<bool()> interrupted = [] { return false; };
  // Between two looks at a log that is followed.
  std::function<void()> pause = [] {};

  // Nobody reads any more, or nobody wants us to go on.
  bool must_stop() const { return !out || interrupted(); }
};

}  // namespace raycord

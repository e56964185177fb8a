// Runs raycord's command line in this process, on a log that a simulated operator wrote.

#pragma once

#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "replay/command_line.h"
#include "replay/log_source.h"
#include "test/replay/recorded_log.h"
#include "test/sim/story.h"

namespace raycord {

struct Answer {
  int code = 0;
  std::string out;
  std::string err;
};

class CliTest : public ::testing::Test {
 protected:
  // A service that was started, and by `more` commands of the simulator went on.
  void play(const std::vector<std::string>& more = {}) {
    for (const char* command : {"apply", "run 60s"}) player_.play(command);
    for (const std::string& command : more) player_.play(command);
    log_.take(player_.sim().log(), change_);
  }

  Answer raycord(std::vector<std::string> arguments, Terminal terminal = {}) {
    std::ostringstream out;
    std::ostringstream err;
    Session session{out, err};
    session.terminal = terminal;
    session.now = player_.sim().now();
    session.pause = [this] {
      if (pauses_.empty()) {
        interrupted_ = true;
        return;
      }
      pauses_.front()();
      pauses_.erase(pauses_.begin());
    };
    session.interrupted = [this] { return interrupted_; };
    interrupted_ = false;
    const int code = run_command_line(session, "raycord", std::move(arguments), log_.directory());
    return {code, out.str(), err.str()};
  }

  // The first event of a kind or rule, as "<log>:<seq>".
  std::string first_event(const std::string& kind) {
    const std::string names = raycord({"log", "ls", "--kind", kind, "-o", "name"}).out;
    return names.substr(0, names.find('\n'));
  }

  static std::string number_of(const std::string& event) {
    return event.substr(event.find(':') + 1);
  }

  RecordedLog log_;
  StoryPlayer player_;
  RecordedLog::Change change_;
  std::vector<std::function<void()>> pauses_;  // What happens while a command waits; then it ends.
  bool interrupted_ = false;
};

inline constexpr const char* kService = "rayservice-sample";

}  // namespace raycord

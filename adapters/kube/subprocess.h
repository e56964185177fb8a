// Runs a program to its end and collects what it prints, within a limit of time. Blocks: for
// threads that may.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace raycord {

inline constexpr std::size_t kMaxProgramOutput = 1024 * 1024;

struct Program {
  std::vector<std::string> command;      // The first is looked for in PATH if it has no slash.
  std::vector<std::string> environment;  // "NAME=value", added to ours, or in place of ours.
  Millis limit{0};
  int cancel = -1;  // A descriptor that becomes readable when the program is to be ended early.
};

struct ProgramEnd {
  int exit_code = 0;            // 128 + signal for a program that a signal ended.
  std::string output;           // Its standard output.
  std::string last_error_line;  // Of its standard error, without control characters, cut short.
};

// NotFound when there is no such program; Io for what else stops it, its limit included. The
// message is for people and starts with a verb: "did not end within 30s".
Result<ProgramEnd> run_program(const Program& program);

}  // namespace raycord

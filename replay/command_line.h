// The command line of `raycord`: arguments in, answers to the session's streams, exit code out.

#pragma once

#include <string>
#include <vector>

#include "replay/session.h"

namespace raycord {

inline constexpr const char* kDefaultLog = "/var/lib/raycord/log";

// 0: good; 1: a divergence or damage was found; 2: the question could not be answered.
// `called_as` is argv[0]: as kubectl-raycord it is a plugin. `log` is what RAYCORD_LOG says.
int run_command_line(const Session& session, const std::string& called_as,
                     std::vector<std::string> arguments, const std::string& log);

}  // namespace raycord

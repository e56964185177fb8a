// LogLines writes the operator's lines to standard error: for people as text, for machines as JSON.
//
//   lines.say(Level::Info, "started", {{"log", "k7xqd"}, {"event", "k7xqd:1"}});
//
// Whoever says something never waits: when nobody reads the lines, the oldest are dropped.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"

namespace raycord {

enum class LogFormat : std::uint8_t { Text, Json };
enum class Level : std::uint8_t { Info, Warning, Error };

// In the order in which they are shown; those without a value are left out.
using LogFields = std::vector<std::pair<std::string, std::string>>;

std::string format_line(LogFormat format, Time time, Level level, std::string_view message,
                        const LogFields& fields);

class LogLines {
 public:
  explicit LogLines(LogFormat format);
  ~LogLines();  // Writes what still waits.
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  void say(Level level, std::string_view message, const LogFields& fields = {});

  // Writes what still waits; what is said afterwards is lost.
  void close();

 private:
  class Sink;

  LogFormat format_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace raycord

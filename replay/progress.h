// Progress shows how far a command is, on a terminal, once it has taken longer than a second.
//
//   Progress progress(session, "replaying", "events", last);
//   while (…) progress.at(seq);

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "replay/session.h"

namespace raycord {

class Progress {
 public:
  using Clock = std::function<std::chrono::milliseconds()>;  // Any steady one.

  Progress(const Session& session, std::string doing, std::string unit, std::uint64_t total);
  Progress(const Session& session, std::string doing, std::string unit, std::uint64_t total,
           Clock clock);
  ~Progress();  // Takes the bar away.
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::uint64_t done);

  std::chrono::milliseconds elapsed() const { return clock_() - began_; }

 private:
  void show(std::uint64_t done, std::chrono::milliseconds elapsed);

  std::ostream& err_;
  bool enabled_;
  std::size_t width_;
  std::string doing_;
  std::string unit_;
  std::uint64_t total_;
  Clock clock_;
  std::chrono::milliseconds began_;
  std::chrono::milliseconds shown_{0};
  std::uint64_t calls_ = 0;
};

// "1,234,567"
std::string with_commas(std::uint64_t number);

// "512 B", "3.1 KB", "12.0 MB"
std::string size_text(std::uint64_t bytes);

}  // namespace raycord

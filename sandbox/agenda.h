// What will happen by itself, in order of time; at one instant, in order of arrival. Also the
// present instant of the sandbox: time moves only here.

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "core/time.h"

namespace raycord {

class Agenda {
 public:
  using Step = std::function<void(Time)>;

  void at(Time when, Step step) { steps_.emplace(std::max(when, now_), std::move(step)); }
  void after(Millis delay, Step step) { at(now_ + delay, std::move(step)); }

  std::optional<Time> next() const {
    if (steps_.empty()) return std::nullopt;
    return steps_.begin()->first;
  }

  // Runs all that is due by `limit`, each at its time. Time never steps back.
  void advance(Time limit) {
    while (!steps_.empty() && steps_.begin()->first <= limit) {
      now_ = std::max(now_, steps_.begin()->first);
      const Step step = std::move(steps_.begin()->second);
      steps_.erase(steps_.begin());
      step(now_);
    }
    now_ = std::max(now_, limit);
  }

  Time now() const { return now_; }

 private:
  Time now_{};
  std::multimap<Time, Step> steps_;
};

}  // namespace raycord

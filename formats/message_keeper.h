// Decides which message texts go into the slices of one cluster's Serve answers.
//
// An ill app says the same every second with other pids, ids and line numbers. A text stays until
// it says something else in its normal form, and then it changes at most once a minute, unless the
// status beside it changes too. So an app that is ill in one way gives equal slices.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/objects.h"
#include "core/time.h"

namespace raycord {

inline constexpr Millis kMessageInterval{60'000};

// The text without colours, numbers, hexadecimal ids, addresses and paths: equal for messages that
// say the same.
std::string normal_form(std::string_view message);

class MessageKeeper {
 public:
  // Puts the kept texts into `answer`. `now` must not step back; call it for each answer in turn.
  void keep(ServeAnswer& answer, Time now);

 private:
  struct Kept {
    std::string status;  // And trigger: what makes a new text urgent.
    std::string text;
    std::string form;
    Time since{};
  };
  using Key = std::pair<std::string, std::string>;  // Application; deployment, or empty.

  void keep(Key key, std::string status, std::string& message, Time now, std::map<Key, Kept>& seen);

  std::map<Key, Kept> kept_;
};

}  // namespace raycord

// RayTokens knows the tokens of Ray clusters that ask for one. They live in Secrets, are read from
// there when first needed, and are kept in memory only.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "adapters/http/transport.h"
#include "core/time.h"

namespace raycord {

class RayTokens {
 public:
  using Fetch =
      std::function<void(const std::string& path, std::function<void(const HttpOutcome&)> then)>;

  // `fetch` and `now` are called from token().
  RayTokens(Fetch fetch, std::function<Time()> now);

  // Nothing: not known yet. It is being asked for, and the next question may be answered.
  std::optional<std::string> token(const std::string& ns, const std::string& secret);

 private:
  struct Held {
    std::optional<std::string> token;
    Time asked_at{};
    bool asking = false;
  };

  Fetch fetch_;
  std::function<Time()> now_;
  std::map<std::pair<std::string, std::string>, Held> held_;
};

// The token in a Secret as the API server shows it; nothing: there is none.
std::optional<std::string> token_in_secret(const std::string& json);

}  // namespace raycord

// BrokenRules collects the rules that an object breaks, in the order in which they are looked at.
//
//   broken.add(spec.path_of("priority"), "is 1: only 0 is allowed before rayVersion 2.56.0");
//
// Each says the field, what stands there, and what is allowed. What may be a secret is not shown.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace raycord {

struct BrokenRule {
  std::string reason;  // Of the Event: "InvalidRayServiceSpec".
  std::string field;
  std::string rest;  // "is -1: 0 or more is allowed"

  std::string message() const { return field + " " + rest; }
  bool operator==(const BrokenRule&) const = default;
};

class BrokenRules {
 public:
  void set_reason(std::string reason) { reason_ = std::move(reason); }

  void add(std::string field, std::string rest) {
    rules_.push_back({reason_, std::move(field), std::move(rest)});
  }

  void forbid_negative(std::string field, std::int32_t value) {
    if (value < 0) add(std::move(field), "is " + std::to_string(value) + ": 0 or more is allowed");
  }

  std::vector<BrokenRule> take() { return std::move(rules_); }

 private:
  std::string reason_;
  std::vector<BrokenRule> rules_;
};

// A value as messages show it.
inline std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace raycord

// Conditions of a status: kept in place, timed by their flips.

#include <algorithm>
#include <utility>

#include "core/status.h"

namespace raycord {
namespace {

// metav1.Condition must match this, or the API server refuses the whole status
// (raycluster-behaviour.md 8.14): a letter, then letters, digits, '_', ',', ':'; at most 1024.
constexpr std::size_t kReasonMax = 1024;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_alphanumeric(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

bool is_valid_reason(const std::string& reason) {
  if (reason.empty() || reason.size() > kReasonMax || !is_letter(reason.front())) return false;
  if (!is_alphanumeric(reason.back()) && reason.back() != '_') return false;
  return std::all_of(reason.begin(), reason.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == ',' || c == ':'; });
}

}  // namespace

void set_condition(std::vector<Condition>& wanted, const std::vector<Condition>& believed,
                   Condition condition, Time now) {
  if (!is_valid_reason(condition.reason)) condition.reason = "Unknown";
  const Condition* known = find_condition(believed, condition.type.c_str());
  condition.since = known != nullptr && known->status == condition.status
                        ? known->since
                        : std::chrono::floor<std::chrono::seconds>(now);  // As metav1.Time has it.
  const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const Condition& other) {
    return other.type == condition.type;
  });
  if (found == wanted.end()) {
    wanted.push_back(std::move(condition));
  } else {
    *found = std::move(condition);
  }
}

const Condition* find_condition(const std::vector<Condition>& conditions, const char* type) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(),
                   [&](const Condition& condition) { return condition.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace raycord

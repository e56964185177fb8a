#include "core/build/labels.h"

namespace raycord {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string checked_label(std::string_view value) {
  if (value.size() > kLabelMax) value.remove_prefix(value.size() - kLabelMax);
  std::string checked(value);
  if (!checked.empty() && !is_letter_or_digit(checked.front())) checked.front() = 'r';
  return checked;
}

}  // namespace raycord

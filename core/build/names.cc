#include "core/build/names.h"

namespace raycord {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string last(std::string_view text, std::size_t count) {
  return std::string(text.size() > count ? text.substr(text.size() - count) : text);
}

std::string lower_first(std::string_view text, std::size_t count) {
  std::string result(text.substr(0, count));
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace

std::string check_name(std::string_view name) {
  std::string result = last(name, kNameMax);
  if (!result.empty() && !is_letter(result.front())) result.front() = 'r';
  return result;
}

std::string check_label(std::string_view value) {
  std::string result = last(value, kLabelMax);
  if (!result.empty() && !is_letter(result.front()) && !is_digit(result.front())) {
    result.front() = 'r';
  }
  return result;
}

std::string head_pod_prefix(std::string_view cluster) {
  return lower_first(cluster, kNameMax) + "-head-";
}

std::string worker_pod_prefix(std::string_view cluster, std::string_view group) {
  const std::string both = std::string(cluster) + "-" + std::string(group);
  return lower_first(both, kNameMax) + "-worker-";
}

std::string head_service_name(std::string_view owner) { return std::string(owner) + "-head-svc"; }

std::string serve_service_name(std::string_view owner) { return std::string(owner) + "-serve-svc"; }

std::string headless_service_name(std::string_view cluster) {
  return std::string(cluster) + "-headless";
}

}  // namespace raycord

#include "core/names.h"

#include <algorithm>

#include "core/ids.h"
#include "core/limits.h"

namespace raycord {
namespace {

constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kSuffixLength = 5;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A cut must not leave a name that ends in '-' or '.' before its suffix.
std::string cut(std::string_view text, std::size_t length) {
  std::string_view kept = text.substr(0, length);
  while (!kept.empty() && (kept.back() == '-' || kept.back() == '.')) kept.remove_suffix(1);
  return std::string(kept);
}

}  // namespace

std::string name_suffix(std::string_view owner_uid, std::string_view use, std::uint32_t counter) {
  std::string seed(owner_uid);
  seed += '/';
  seed += use;
  seed += '/';
  seed += std::to_string(counter);
  std::uint64_t value = hash_of(seed).value;
  std::string suffix;
  for (std::size_t i = 0; i < kSuffixLength; ++i) {
    suffix += kAlphabet[value % kAlphabet.size()];
    value /= kAlphabet.size();
  }
  return suffix;
}

std::string cluster_name(std::string_view service, std::string_view service_uid,
                         std::uint32_t counter) {
  constexpr std::string_view kMiddle = "-raycluster-";
  const std::size_t room = kClusterNameMax - kMiddle.size() - kSuffixLength;
  return cut(service, room) + std::string(kMiddle) + name_suffix(service_uid, "cluster", counter);
}

std::string head_pod_name(std::string_view cluster, std::string_view cluster_uid,
                          std::uint32_t counter) {
  return lower(cut(cluster, kPodPrefixMax)) + "-head-" + name_suffix(cluster_uid, "head", counter);
}

std::string worker_pod_name(std::string_view cluster, std::string_view cluster_uid,
                            std::string_view group, std::uint32_t counter) {
  const std::string prefix = std::string(cluster) + "-" + std::string(group);
  return lower(cut(prefix, kPodPrefixMax)) + "-worker-" + name_suffix(cluster_uid, group, counter);
}

std::string replica_name(std::string_view cluster_uid, std::string_view group,
                         std::uint32_t counter) {
  const std::string use = "replica/" + std::string(group);
  return std::string(group) + "-" + name_suffix(cluster_uid, use, counter);
}

std::string head_service_name(std::string_view owner) { return std::string(owner) + "-head-svc"; }

std::string serve_service_name(std::string_view owner) { return std::string(owner) + "-serve-svc"; }

std::string headless_service_name(std::string_view owner) {
  return std::string(owner) + "-headless";
}

std::string gateway_name(std::string_view service) { return std::string(service) + "-gateway"; }

std::string route_name(std::string_view service) { return std::string(service) + "-httproute"; }

std::string ingress_name(std::string_view cluster) {
  return checked_name(std::string(cluster) + "-head-ingress");
}

std::string redis_cleanup_name(std::string_view cluster) {
  return checked_label(std::string(cluster) + "-redis-cleanup");
}

std::string fixed_head_name(std::string_view cluster) {
  return lower(cut(cluster, kPodPrefixMax)) + "-head";
}

std::string checked_name(std::string_view name) {
  if (name.size() > kPodPrefixMax) name.remove_prefix(name.size() - kPodPrefixMax);
  std::string checked(name);
  const bool letter = !checked.empty() && checked[0] >= 'a' && checked[0] <= 'z';
  if (!checked.empty() && !letter) checked[0] = 'r';
  return checked;
}

std::string checked_label(std::string_view value) {
  if (value.size() > kLabelMax) value.remove_prefix(value.size() - kLabelMax);
  std::string checked(value);
  if (!checked.empty() && !is_letter_or_digit(checked.front())) checked.front() = 'r';
  return checked;
}

}  // namespace raycord

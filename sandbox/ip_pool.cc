#include "sandbox/ip_pool.h"

#include <charconv>
#include <optional>

#include "core/check.h"

namespace raycord {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t limit) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > limit) return {};
  return value;
}

std::optional<std::uint32_t> parse_address(std::string_view text) {
  std::uint32_t address = 0;
  for (int i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return {};
    const auto part = parse_number(text.substr(0, dot), 255);
    if (!part) return {};
    address = (address << 8) | *part;
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  }
  return address;
}

std::string print_address(std::uint32_t address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!text.empty()) text += '.';
    text += std::to_string((address >> shift) & 255);
  }
  return text;
}

}  // namespace

Result<IpPool> IpPool::parse(std::string_view range) {
  const auto slash = range.find('/');
  const auto address = parse_address(range.substr(0, slash));
  const auto bits =
      slash == std::string_view::npos ? std::nullopt : parse_number(range.substr(slash + 1), 30);
  if (!address || !bits || *bits < 8) {
    return fail(ErrorCode::InvalidInput,
                "\"" + std::string(range) + "\" is no IPv4 range like 10.64.0.0/12 (/8 to /30)");
  }
  const std::uint32_t size = 1u << (32 - *bits);
  return IpPool(*address & ~(size - 1), size);
}

std::string IpPool::take() {
  CHECK(used_.size() + 2 < size_);
  while (used_.contains(next_) || (next_ & 255) == 0 || (next_ & 255) == 255) {
    next_ = next_ + 2 < size_ ? next_ + 1 : 1;
  }
  const std::uint32_t taken = next_;
  used_.insert(taken);
  next_ = next_ + 2 < size_ ? next_ + 1 : 1;  // A freed address rests as long as it can.
  return print_address(first_ + taken);
}

void IpPool::reserve(std::string_view address) {
  if (contains(address)) used_.insert(*parse_address(address) - first_);
}

void IpPool::release(std::string_view address) {
  if (contains(address)) used_.erase(*parse_address(address) - first_);
}

bool IpPool::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  return parsed && *parsed >= first_ && *parsed - first_ < size_;
}

}  // namespace raycord

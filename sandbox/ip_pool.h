// Addresses handed out in order from a range, skipping those in use.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

class IpPool {
 public:
  // "10.64.0.0/12"; between /8 and /30.
  static Result<IpPool> parse(std::string_view range);

  std::string take();
  // Marks an address somebody chose as used; addresses outside the range are no business of ours.
  void reserve(std::string_view address);
  void release(std::string_view address);
  bool contains(std::string_view address) const;

 private:
  IpPool(std::uint32_t first, std::uint32_t size) : first_(first), size_(size) {}

  std::uint32_t first_;
  std::uint32_t size_;
  std::uint32_t next_ = 1;
  std::set<std::uint32_t> used_;
};

}  // namespace raycord

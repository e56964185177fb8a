// Quantity is a Kubernetes resource quantity, "500m", "5Gi", "1.5" or "1e3", in whole numbers.
//
//   Result<Quantity> memory = Quantity::parse("0.5Gi");
//   memory->round_up();    // 536870912
//   memory->canonical();   // "512Mi"
//
// Kept in billionths, the finest that Kubernetes knows; finer parts are rounded away from zero.
// More than 2^63-1 is cut to that, as Kubernetes does.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

class Quantity {
 public:
  Quantity() = default;  // zero

  static Result<Quantity> parse(std::string_view text);

  bool is_zero() const { return billionths_ == 0; }
  std::int64_t round_up() const;  // away from zero

  // A zero takes the notation of what is added, as in Kubernetes.
  Quantity plus(const Quantity& other) const;
  Quantity times(std::int64_t factor) const;

  std::string canonical() const;  // as the API server prints it
  std::string decimal() const;    // digits and at most one point: "0.5", "2"

 private:
  using Wide = __int128;
  enum class Notation { Decimal, Binary, Exponent };

  static Wide bounded(Wide billionths);

  Wide billionths_ = 0;
  Notation notation_ = Notation::Decimal;
};

}  // namespace raycord

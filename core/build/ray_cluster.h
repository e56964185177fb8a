// RayClusterView is an observed RayCluster, checked, with the questions that builders ask of it.
//
// read() refuses what a builder could not use, naming the field; what it lets through is never the
// reason of a failure later. Private to core/build.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/build/json_read.h"
#include "core/build/options.h"
#include "core/build/quantity.h"
#include "core/result.h"

namespace raycord {

inline constexpr std::string_view kDefaultGcsPort = "6379";

struct RayClusterView {
  Json object;
  std::string name;
  std::string name_space;
  std::string uid;

  static Result<RayClusterView> read(std::string_view json);

  const Json& spec() const { return object.at("spec"); }
  const Json& head_group() const { return spec().at("headGroupSpec"); }
  const Json* worker_group(std::string_view group) const;  // nullptr where there is none
  std::string annotation(std::string_view key) const;

  // "RayService", "RayJob" or "RayCluster", by the label of its maker.
  std::string origin_kind() const;
  bool of_ray_service() const { return origin_kind() == "RayService"; }

  std::string head_service() const;  // the name, users may choose their own
  std::string head_domain(const BuildOptions& options) const;
  std::string head_port() const;
  std::string head_address(const BuildOptions& options) const;  // domain:port, for workers

  bool autoscaling() const { return flag_at(spec(), {"enableInTreeAutoscaling"}); }
  bool autoscaler_is_v2() const;
  bool keeps_user_command() const;

  bool fault_tolerant() const;
  bool token_auth() const { return text_at(spec(), {"authOptions", "mode"}) == "token"; }
};

// The container that runs Ray: the first, whatever its name.
const Json& ray_container(const Json& group);

// The named port of a Ray container, otherwise `otherwise`.
std::int64_t port_of(const Json& container, std::string_view name, std::int64_t otherwise);

// A quantity that read() has checked; zero where absent.
Quantity checked_quantity(const Json& root, Keys keys);

}  // namespace raycord

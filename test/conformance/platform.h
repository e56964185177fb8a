// Where a scenario is played: a cluster, the operator in it, and Ray heads that can be disturbed.
//
// There are two: the embedded cluster in virtual time, and a real API server with simulated nodes
// and heads in real time. Both understand the same requests.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/api_kinds.h"
#include "test/sim/sim.h"

namespace raycord {

// What a scenario wants before it begins.
struct StageSetting {
  SimOptions options;
  std::string space;  // Namespace of its objects; it is made.
};

class Platform {
 public:
  virtual ~Platform() = default;

  // --- The user ---
  // A request to the API server. `accept` as kubectl asks for tables; JSON if empty.
  virtual HttpResponse request(const std::string& method, const std::string& path,
                               const std::string& body = "", const std::string& content_type = "",
                               const std::string& accept = "") = 0;
  // A request to the control of the simulated heads: "faults", "puts", "clusters/NS/NAME", …
  virtual HttpResponse control(const std::string& method, const std::string& path,
                               const std::string& body = "") = 0;
  // POST to an application through a Service: the body, or "<status> <body>" when not 200.
  virtual std::string ask(const std::string& service, const std::string& path,
                          const std::string& body) = 0;
  virtual void excuse(const std::string& cluster) = 0;  // It is deleted by the user.

  // --- Time ---
  // Until `done` says so, at most for `limit`; `look` is called at each step.
  virtual bool run_until(const std::function<bool()>& done, Millis limit,
                         const std::function<void()>& look) = 0;
  virtual Millis elapsed() const = 0;

  // --- The operator's process ---
  virtual void crash() = 0;  // kill -9, and the next one.
  virtual void stop() = 0;
  virtual void start() = 0;
  virtual void lose_log() = 0;  // While it is stopped.
  virtual std::string metrics() = 0;

  // A number that changes when objects of the kind do.
  virtual std::uint64_t version_of(ApiKindId kind) = 0;
  // Promises that were not kept, and differences found by replay.
  virtual std::vector<std::string> broken() = 0;
};

using MakePlatform = std::function<std::unique_ptr<Platform>(const StageSetting&)>;

std::unique_ptr<Platform> virtual_platform(const StageSetting& setting);

}  // namespace raycord

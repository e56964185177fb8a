// A head of the sandbox, in virtual time.

#pragma once

#include <string>

#include "test/real_ray/played_head.h"
#include "test/sandbox/bench.h"
#include "test/sim/virtual_transport.h"

namespace raycord {

class SimulatedHead final : public PlayedHead {
 public:
  SimulatedHead();

  HttpTransport& transport() override { return transport_; }
  void pass(Millis time) override;
  std::string ip() const override { return ip_; }
  void make_ill(const std::string& app) override { show(app, "UNHEALTHY"); }
  void make_well(const std::string& app) override { show(app, ""); }
  void kill_dashboard() override;

 private:
  void show(const std::string& app, const char* status);

  Bench bench_;
  std::string ip_;
  VirtualTransport transport_;
};

}  // namespace raycord

// A Ray head that runs somewhere, reached over real sockets.

#pragma once

#include <string>
#include <utility>

#include "adapters/http/curl_transport.h"
#include "test/real_ray/played_head.h"

namespace raycord {

class RealHead final : public PlayedHead {
 public:
  // `ill_file`: while it exists the patient's health checks fail. `kill_command` ends the process
  // of the dashboard.
  RealHead(std::string ip, std::string ill_file, std::string kill_command)
      : ip_(std::move(ip)),
        ill_file_(std::move(ill_file)),
        kill_command_(std::move(kill_command)) {}

  HttpTransport& transport() override { return transport_; }
  void pass(Millis time) override;
  std::string ip() const override { return ip_; }
  void make_ill(const std::string& app) override;
  void make_well(const std::string& app) override;
  void kill_dashboard() override;

 private:
  CurlTransport transport_;
  std::string ip_;
  std::string ill_file_;
  std::string kill_command_;
};

}  // namespace raycord

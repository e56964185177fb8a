// RayWriter sends Serve configs to heads and says what became of them.
//
// An accepted PUT is not yet a deployed config: that is for a later probe to show.

#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/ray/ray_address.h"
#include "adapters/write_order.h"
#include "core/fact.h"
#include "core/report.h"

namespace raycord {

class RayWriter final : public HttpListener {
 public:
  RayWriter(HttpTransport& transport, const RayWay& way);
  ~RayWriter() override;
  RayWriter(const RayWriter&) = delete;
  RayWriter& operator=(const RayWriter&) = delete;

  void send(Seq decided, ServePut put, Time now);

  std::size_t in_flight() const { return under_way_.size(); }
  std::vector<Report> take_reports();

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  struct UnderWay {
    Seq decided;
    ServePut put;
    Time at{};
  };

  void start(UnderWay under_way);

  HttpTransport& transport_;
  const RayWay& way_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::vector<Report> reports_;
};

}  // namespace raycord

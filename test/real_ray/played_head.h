// A head that the steps are played on: a real one, or the sandbox's.

#pragma once

#include <string>

#include "adapters/http/transport.h"
#include "core/time.h"

namespace raycord {

class PlayedHead {
 public:
  virtual ~PlayedHead() = default;

  virtual HttpTransport& transport() = 0;
  virtual void pass(Millis time) = 0;  // Callbacks of the transport come from here.
  virtual std::string ip() const = 0;

  virtual void make_ill(const std::string& app) = 0;  // Its health checks fail from now on …
  virtual void make_well(const std::string& app) = 0;
  virtual void kill_dashboard() = 0;
};

}  // namespace raycord

// The operator's side of the talk with one head: the adapters as the operator uses them.
//
// The prober's clock runs ahead of the head's, so that a beat comes as often as ask() is called.

#pragma once

#include <string>
#include <vector>

#include "adapters/ray/ray_prober.h"
#include "adapters/ray/ray_writer.h"
#include "test/real_ray/played_head.h"

namespace raycord {

class Conversation {
 public:
  explicit Conversation(PlayedHead& head);

  WriteDone put(const std::string& body);
  ProbeAnswer ask(ProbeTarget target);
  // A POST of a user, through Serve's proxy: "200 6".
  std::string request(const std::string& path, const std::string& body);

 private:
  void follow(const std::vector<Report>& reports);

  PlayedHead& head_;
  RayWay way_{nullptr, {}};
  RayProber prober_;
  RayWriter writer_;
  Time now_{Millis(1'000'000)};
  ProbeAnswer dashboard_;
  ProbeAnswer proxy_;
};

}  // namespace raycord

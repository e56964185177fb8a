#include "test/real_ray/simulated_head.h"

#include "core/check.h"

namespace raycord {
namespace {

constexpr const char* kCluster = "default/c";

// A head pod that has come up; its address.
std::string start_head(Bench& bench) {
  bench.post(Bench::kPods, Bench::ray_pod("head", "c", "head"));
  bench.pass(Millis(10'000));
  return text_at(bench.get(std::string(Bench::kPods) + "/head"), {"status", "podIP"});
}

}  // namespace

SimulatedHead::SimulatedHead() : ip_(start_head(bench_)), transport_(bench_.sandbox, bench_.now) {
  CHECK(!ip_.empty());
}

void SimulatedHead::pass(Millis time) {
  bench_.now += time;
  transport_.advance(bench_.now);
}

void SimulatedHead::show(const std::string& app, const char* status) {
  const HttpResponse response =
      bench_.post("/sandbox/apps", {{"cluster", kCluster}, {"app", app}, {"status", status}});
  CHECK(response.status == 200);
}

void SimulatedHead::kill_dashboard() {
  const HttpResponse response = bench_.post(
      "/sandbox/faults", {{"cluster", kCluster}, {"target", "dashboard"}, {"mode", "refuse"}});
  CHECK(response.status == 200);
}

}  // namespace raycord

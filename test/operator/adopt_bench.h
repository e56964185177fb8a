// A simulated cluster as KubeRay leaves it, and the dry run that looks at it.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/adopt.h"
#include "test/sim/sample.h"
#include "test/sim/sim.h"

namespace raycord {

inline constexpr const char* kSample = "rayservice-sample";
inline constexpr const char* kRay = "/apis/ray.io/v1/namespaces/default/";
inline constexpr const char* kCore = "/api/v1/namespaces/default/";

class AdoptBench {
 public:
  AdoptBench() : sim_({}) {
    EXPECT_TRUE(sim_.apply(sample_manifest()));
    EXPECT_TRUE(sim_.run_until([&] { return is_ready(); }, std::chrono::minutes(2)));
    sim_.run_for(std::chrono::seconds(5));
    sim_.stop();
    for (const char* kind : {"rayservices", "rayclusters"}) forget_us(kRay, kind);
    for (const char* kind : {"pods", "services"}) forget_us(kCore, kind);
  }

  Sim& sim() { return sim_; }

  void patch(const std::string& path, const std::string& json) {
    EXPECT_EQ(sim_.request("PATCH", path, json, "application/merge-patch+json").status, 200);
  }
  void patch_service(const std::string& json) {
    patch(std::string(kRay) + "rayservices/" + kSample, json);
  }
  nlohmann::json list(const std::string& root, const std::string& kind) {
    return nlohmann::json::parse(sim_.request("GET", root + kind).body)["items"];
  }

  Result<AdoptReport> look() {
    const KubeApi api("", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{}));
    Flags flags;
    flags.leader_election_namespace = "default";
    return look_and_report(flags, {api, sim_.transport(), [&](Time) { sim_.run_for(Millis(5)); },
                                   [&] { return sim_.now(); }});
  }

  AdoptReport report() {
    auto report = look();
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report ? *report : AdoptReport{};
  }

  // The operator starts, without a log. What it decides on its way to rest, by object: kinds of
  // effects. What it does because of what Ray answered is not among it.
  std::map<ObjectName, std::set<std::string>> take_over() {
    std::map<ObjectName, std::set<std::string>> decided;
    bool asked_ray = false;
    sim_.set_frame_listener([&](const Frame& frame, const State&) {
      for (const PlacedFact& placed : frame.facts) {
        asked_ray = asked_ray || std::holds_alternative<ProbeRun>(placed.fact);
      }
      if (asked_ray) return;
      for (const Decision& decision : frame.decisions) {
        decided[object_of(decision.effect)].insert(kind_of(decision.effect));
      }
    });
    sim_.lose_log();
    sim_.start();
    sim_.run_for(std::chrono::seconds(5));
    sim_.set_frame_listener(nullptr);
    return decided;
  }

 private:
  bool is_ready() {
    for (const auto& service : list(kRay, "rayservices")) {
      const nlohmann::json::json_pointer status("/status/serviceStatus");
      if (service.value(status, "") == "Running") return true;
    }
    return false;
  }

  // What Raycord adds to objects goes.
  void forget_us(const std::string& root, const std::string& kind) {
    for (const auto& item : list(root, kind)) {
      nlohmann::json gone = nlohmann::json::object();
      const auto annotations = item["metadata"].value("annotations", nlohmann::json::object());
      for (const auto& [key, value] : annotations.items()) {
        if (key.rfind("raycord.io/", 0) == 0) gone[key] = nullptr;
      }
      const std::string path = root + kind + "/" + item["metadata"].value("name", "");
      if (!gone.empty()) {
        patch(path, nlohmann::json{{"metadata", {{"annotations", gone}}}}.dump());
      }
    }
  }

  Sim sim_;
};

}  // namespace raycord

#include "test/sim/random_world.h"

#include <cstdio>
#include <functional>

#include <nlohmann/json.hpp>

#include "core/describe.h"
#include "test/sim/sample.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

// Long enough for a 60 s drain, a 5 min back-off and the slowest start after the last trouble.
constexpr Millis kCalmLimit = std::chrono::minutes(90);

class RandomWorld {
 public:
  explicit RandomWorld(const RandomWorldOptions& options)
      : options_(options), chance_(options.seed), sim_({.seed = options.seed}), promises_(sim_) {
    sim_.set_frame_listener([this](const Frame& frame, const State&) {
      result_.decisions += frame.decisions.size();
      promises_.note(frame);
      if (options_.tell) tell(frame);
    });
    sim_.set_step_listener([this] { promises_.look(); });
    make_troubles();
  }

  RandomWorldResult run() {
    const Time end = sim_.now() + options_.length;
    const std::string sample = sample_manifest();
    for (std::size_t i = 0; i < options_.services; ++i) {
      Json manifest = Json::parse(sample);
      manifest["metadata"]["name"] = "rs-" + std::to_string(i);
      manifest["spec"]["serviceUnhealthySecondThreshold"] = 60 + 60 * chance_.below(5);
      manifest["spec"]["deploymentUnhealthySecondThreshold"] = 30 + 30 * chance_.below(5);
      manifest["spec"]["rayClusterDeletionDelaySeconds"] = 10 * chance_.below(7);
      if (i % 2 == 1) keep_state_in_redis(manifest);
      if (chance_.one_in(2)) ask_for_increments(manifest);
      manifests_.push_back(manifest);
      apply(i);
    }
    while (sim_.now() < end) {
      sim_.run_for(Millis(1 + chance_.below(40'000)));
      troubles_[chance_.below(troubles_.size())]();
    }
    calm_down();
    finish();
    return result_;
  }

 private:
  using Trouble = std::function<void()>;

  void make_troubles() {
    std::vector<Trouble> all = {
        [this] { edit_price(); },
        [this] { edit_version(); },
        [this] { edit_replicas(); },
        [this] { fault_dashboard("hang"); },
        [this] { fault_dashboard("refuse"); },
        [this] { fault_dashboard("clear"); },
        [this] { sicken("UNHEALTHY"); },
        [this] { sicken("DEPLOY_FAILED"); },
        [this] { sicken(""); },
        [this] { pods("head", "delete"); },
        [this] { pods("head", "restart"); },
        [this] { pods("worker", "delete"); },
        [this] { trouble_api(R"({"target":"apiserver","mode":"drop_watches"})"); },
        [this] { trouble_api(R"({"target":"apiserver","mode":"expire"})"); },
        [this] { trouble_api(R"({"target":"apiserver","mode":"error","code":500,"count":5})"); },
        [this] {
          trouble_api(
              R"({"target":"apiserver","mode":"error","code":429,"count":5,"retry_after_s":1})");
        },
        [this] { crash(); },
        [this] { leave_and_return(); },
        [this] { delete_cluster_by_hand(); },
        [this] { trouble_gateways(); },
        [this] { edit_strategy(); },
    };
    for (Trouble& trouble : all) {
      if (!chance_.one_in(3)) troubles_.push_back(std::move(trouble));
    }
    if (troubles_.empty()) troubles_.push_back([this] { crash(); });
  }

  std::size_t any() { return chance_.below(manifests_.size()); }
  std::string name(std::size_t i) { return manifests_[i]["metadata"]["name"]; }

  void say(const std::string& what) {
    if (options_.tell) std::printf("%s !! %s\n", to_rfc3339(sim_.now()).c_str(), what.c_str());
  }

  void tell(const Frame& frame) {
    for (const Decision& decision : frame.decisions) {
      std::printf("%s #%llu %s\n", to_rfc3339(frame.at).c_str(),
                  static_cast<unsigned long long>(decision.seq.value), describe(decision).c_str());
    }
  }

  // Clusters that are cleaned up before they go, and have an Ingress.
  static void keep_state_in_redis(Json& manifest) {
    Json& cluster = manifest["spec"]["rayClusterConfig"];
    cluster["gcsFaultToleranceOptions"] = {{"redisAddress", "redis:6379"}};
    cluster["headGroupSpec"]["enableIngress"] = true;
  }

  // Two clusters share the traffic for minutes.
  void ask_for_increments(Json& manifest) {
    const std::uint64_t surge = 25 + 25 * chance_.below(4);
    manifest["spec"]["upgradeStrategy"] = {{"type", "NewClusterWithIncrementalUpgrade"},
                                           {"clusterUpgradeOptions",
                                            {{"maxSurgePercent", surge},
                                             {"stepSizePercent", 5 + chance_.below(surge - 4)},
                                             {"intervalSeconds", 1 + chance_.below(30)},
                                             {"gatewayClassName", "istio"}}}};
    manifest["spec"]["rayClusterConfig"]["enableInTreeAutoscaling"] = true;
  }

  static bool asks_for_increments(const Json& manifest) {
    return manifest["spec"].value("/upgradeStrategy/type"_json_pointer, "") ==
           "NewClusterWithIncrementalUpgrade";
  }

  // Into incremental upgrades, and out of them.
  void edit_strategy() {
    const std::size_t i = any();
    if (!chance_.one_in(3)) return;
    if (asks_for_increments(manifests_[i])) {
      manifests_[i]["spec"]["upgradeStrategy"] = {{"type", "NewCluster"},
                                                  {"clusterUpgradeOptions", nullptr}};
    } else {
      ask_for_increments(manifests_[i]);
    }
    say("strategy of " + name(i));
    apply(i);
  }

  void trouble_gateways() {
    static constexpr const char* kModes[] = {"silent", "missing", "clear"};
    const std::string mode = kModes[chance_.below(3)];
    trouble_api(R"({"target":"gateways","mode":")" + mode + "\"}");
  }

  void apply(std::size_t i) {
    const auto applied = sim_.apply(manifests_[i].dump());
    if (!applied) say("apply refused: " + applied.error().message);
  }

  void edit_price() {
    const std::size_t i = any();
    std::string config = manifests_[i]["spec"]["serveConfigV2"];
    const auto at = config.find("price: ");
    config[at + 7] = static_cast<char>('1' + chance_.below(9));
    manifests_[i]["spec"]["serveConfigV2"] = config;
    say("price of " + name(i));
    apply(i);
  }

  void edit_version() {
    const std::size_t i = any();
    // Few versions, so that users also go back to an earlier one in mid-upgrade.
    manifests_[i]["spec"]["rayClusterConfig"]["rayVersion"] =
        "2.5" + std::to_string(chance_.below(3)) + ".0";
    say("rayVersion of " + name(i));
    apply(i);
  }

  void edit_replicas() {
    const std::size_t i = any();
    manifests_[i]["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["replicas"] =
        1 + chance_.below(3);
    say("replicas of " + name(i));
    apply(i);
  }

  std::string target(std::size_t i) {
    return "\"cluster\":\"default/" + name(i) + "-raycluster-*\"";
  }

  void fault_dashboard(const std::string& mode) {
    const std::size_t i = any();
    say("dashboard of " + name(i) + ": " + mode);
    sim_.fault("faults", "{" + target(i) + ",\"mode\":\"" + mode + "\"}");
  }

  void sicken(const std::string& status) {
    const std::size_t i = any();
    say("fruit_app of " + name(i) + ": " + status);
    sim_.fault("apps", "{" + target(i) + R"(,"app":"fruit_app","status":")" + status +
                           R"(","message":"boom"})");
  }

  void pods(const std::string& pod, const std::string& action) {
    const std::size_t i = any();
    say(action + " " + pod + " of " + name(i));
    sim_.fault("pods", "{" + target(i) + R"(,"pod":")" + pod + R"(","action":")" + action + "\"}");
  }

  void trouble_api(const std::string& json) {
    say("API server: " + json);
    sim_.fault("faults", json);
  }

  void crash() {
    say("the operator dies");
    ++result_.crashes;
    sim_.crash(chance_.below(3));
  }

  void leave_and_return() {
    say("the operator is away");
    ++result_.crashes;
    sim_.stop();
    sim_.run_for(Millis(1 + chance_.below(180'000)));
    sim_.start();
  }

  void delete_cluster_by_hand() {
    const auto clusters = sim_.names("/apis/ray.io/v1/namespaces/default/rayclusters");
    if (clusters.empty() || !chance_.one_in(4)) return;
    const std::string cluster = clusters[chance_.below(clusters.size())];
    say("somebody deletes " + cluster);
    promises_.excuse(cluster);
    sim_.request("DELETE", "/apis/ray.io/v1/namespaces/default/rayclusters/" + cluster);
  }

  void calm_down() {
    say("all trouble stops");
    sim_.fault("reset", "{}");
    sim_.fault("faults", R"({"target":"apiserver","mode":"clear"})");
    // Attempts may have been used up: an edit is what the user does then.
    for (std::size_t i = 0; i < manifests_.size(); ++i) {
      manifests_[i]["spec"]["rayClusterConfig"]["rayVersion"] = "2.60.0";
      apply(i);
    }
    const bool done = sim_.run_until([this] { return all_as_asked(); }, kCalmLimit);
    if (!done) complain_about_unready();
  }

  bool all_as_asked() {
    for (std::size_t i = 0; i < manifests_.size(); ++i) {
      if (!is_as_asked(i)) return false;
    }
    return true;
  }

  // One cluster, no pending one, endpoints, and the price that was asked for.
  bool is_as_asked(std::size_t i) {
    const Partition* partition = sim_.partition(name(i));
    if (partition == nullptr || partition->clusters.size() != 1) return false;
    if (partition->status.value.service_status != "Running") return false;
    const std::string config = manifests_[i]["spec"]["serveConfigV2"];
    const int price = config[config.find("price: ") + 7] - '0';
    const bool divided = asks_for_increments(manifests_[i]);
    if (divided && partition->routes.size() != 1) return false;
    if (!divided && !(partition->routes.empty() && partition->gateways.empty())) return false;
    const std::string by = divided ? partition->memory.active : name(i);
    return sim_.ask(by + "-serve-svc", "/fruit/", R"(["MANGO", 2])") == std::to_string(2 * price);
  }

  void complain_about_unready() {
    for (std::size_t i = 0; i < manifests_.size(); ++i) {
      if (!is_as_asked(i))
        result_.complaints.push_back("after all trouble " + name(i) +
                                     " does not become what was asked for");
    }
  }

  void finish() {
    for (const std::string& broken : promises_.broken()) result_.complaints.push_back(broken);
    for (std::string& difference : replay_differences(sim_)) {
      result_.complaints.push_back("replay: " + std::move(difference));
    }
    result_.digest = digest_of(sim_.state());
    result_.events = sim_.state().last.value;
  }

  RandomWorldOptions options_;
  Chance chance_;
  Sim sim_;
  Promises promises_;
  std::vector<Json> manifests_;
  std::vector<Trouble> troubles_;
  RandomWorldResult result_;
};

}  // namespace

std::uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

RandomWorldResult run_random_world(const RandomWorldOptions& options) {
  RandomWorld world(options);
  return world.run();
}

}  // namespace raycord

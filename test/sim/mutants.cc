#include "test/sim/mutants.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "test/sim/promises.h"
#include "test/sim/random_world.h"
#include "test/sim/sample.h"
#include "test/sim/sim.h"

namespace raycord {
namespace {

using Json = nlohmann::json;
using Pointer = Json::json_pointer;
using std::chrono_literals::operator""s;

constexpr Millis kQuietWithin = 60s;
constexpr Millis kQuietFor = 60s;
constexpr Millis kRedisLimit = 310s;
constexpr std::uint64_t kWritesPerObject = 10;
// So often a minute may be tried what the API server refuses, three objects at the most.
constexpr std::uint64_t kRefused = 9;
// What asks for more pods than this is not played: it would be made, one by one.
constexpr std::int64_t kMorePods = 12;

// Fields of which the samples say nothing, for mutants to have.
const std::vector<std::pair<const char*, Json>>& more_fields() {
  static const std::vector<std::pair<const char*, Json>> kFields = {
      {"/spec/suspend", true},
      {"/spec/upgradeStrategy", {{"type", "None"}}},
      {"/spec/managedBy", "ray.io/kuberay-operator"},
      {"/spec/excludeHeadPodFromServeSvc", true},
      {"/spec/rayClusterDeletionDelaySeconds", 0},
      {"/spec/serveService", {{"metadata", {{"name", "mine"}}}, {"spec", {{"type", "NodePort"}}}}},
      {"/metadata/annotations/ray.io~1initializing-timeout", "20s"},
      {"/metadata/annotations/raycord.io~1failover", "shadow"},
      {"/metadata/annotations/ray.io~1overwrite-container-cmd", "true"},
      {"CLUSTER/enableInTreeAutoscaling", true},
      {"CLUSTER/autoscalerOptions", {{"version", "v2"}, {"idleTimeoutSeconds", 10}}},
      {"CLUSTER/gcsFaultToleranceOptions", {{"redisAddress", "redis:6379"}}},
      {"CLUSTER/authOptions", {{"mode", "token"}}},
      {"CLUSTER/suspend", true},
      {"CLUSTER/headGroupSpec/enableIngress", true},
      {"CLUSTER/headGroupSpec/serviceType", "LoadBalancer"},
      {"CLUSTER/headGroupSpec/headService", {{"spec", {{"clusterIP", "None"}}}}},
      {"CLUSTER/headGroupSpec/resources", {{"CPU", "1"}}},
      {"CLUSTER/workerGroupSpecs/0/numOfHosts", 2},
      {"CLUSTER/workerGroupSpecs/0/suspend", true},
      {"CLUSTER/workerGroupSpecs/0/idleTimeoutSeconds", 5},
      {"CLUSTER/workerGroupSpecs/0/scaleStrategy", {{"workersToDelete", {"a", "b"}}}},
      {"CLUSTER/workerGroupSpecs/0/template/spec/restartPolicy", "Never"},
  };
  return kFields;
}

Json odd_value(Chance& chance) {
  static const std::vector<Json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            -1,
                                            1,
                                            0.5,
                                            2147483648LL,
                                            -9223372036854775807LL,
                                            1e300,
                                            "",
                                            "x",
                                            "0",
                                            "-5m",
                                            "2Ei",
                                            "1e400",
                                            "../..",
                                            "{{",
                                            "a b\n\tc",
                                            "\xc3\xbc\xe2\x82\xac",
                                            "UPPER",
                                            std::string(300, 'a'),
                                            Json::array(),
                                            Json::object(),
                                            Json::array({nullptr}),
                                            Json::array({Json::array({Json::array()})}),
                                            {{"a", nullptr}},
                                            {{"name", "x"}}};
  return kValues[chance.below(kValues.size())];
}

// Pointers to `value` and everything below it.
void list_nodes(const Json& value, const Pointer& at, std::vector<Pointer>& nodes) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) list_nodes(member, at / key, nodes);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) list_nodes(value[i], at / i, nodes);
  }
  nodes.push_back(at);
}

void garble(std::string& text, Chance& chance) {
  static const std::string kLetters = "\n\t :-[]{}#&*'\"\\a0";
  if (text.empty()) text = "?";
  const std::size_t at = chance.below(text.size());
  const char letter = kLetters[chance.below(kLetters.size())];
  const std::uint64_t kind = chance.below(3);
  if (kind == 0) text.erase(at, 1 + chance.below(8));
  if (kind == 1) text.insert(at, 1, letter);
  if (kind == 2) text[at] = letter;
}

void add_field(Json& manifest, Chance& chance) {
  const auto& [path, value] = more_fields()[chance.below(more_fields().size())];
  std::string where = path;
  if (where.starts_with("CLUSTER")) {
    const bool service = manifest["kind"] == "RayService";
    where = (service ? "/spec/rayClusterConfig" : "/spec") + where.substr(7);
  }
  try {
    manifest[Pointer(where)] = value;
  } catch (const Json::exception&) {
    // An earlier change took away what it would be in.
  }
}

// Changes one place. Finalizers are the user's own affair: nothing here makes any.
void mutate(Json& manifest, Chance& chance) {
  if (chance.one_in(3)) return add_field(manifest, chance);
  std::vector<Pointer> nodes;
  list_nodes(manifest["spec"], Pointer("/spec"), nodes);
  if (chance.one_in(8)) nodes = {Pointer("/metadata/name"), Pointer("/metadata/labels")};
  if (nodes.empty()) return;
  const Pointer at = nodes[chance.below(nodes.size())];
  Json& parent = manifest[at.parent_pointer()];
  Json& value = manifest[at];
  switch (chance.below(6)) {
    case 0:
      if (parent.is_object()) parent.erase(at.back());
      break;
    case 1:
      if (parent.is_array()) parent.push_back(Json(value));
      break;
    case 2:
      std::swap(value, manifest[nodes[chance.below(nodes.size())]]);
      break;
    case 3:
      if (value.is_string()) garble(value.get_ref<std::string&>(), chance);
      break;
    default:
      value = odd_value(chance);
  }
}

bool asks_for_many_pods(const Json& value) {
  static const std::array<const char*, 4> kNumbers = {"replicas", "minReplicas", "maxReplicas",
                                                      "numOfHosts"};
  if (value.is_object()) {
    for (const char* name : kNumbers) {
      const auto number = value.find(name);
      if (number != value.end() && number->is_number() && *number > kMorePods) return true;
    }
  }
  return value.is_structured() && std::any_of(value.begin(), value.end(),
                                              [](const Json& v) { return asks_for_many_pods(v); });
}

Json mutant(Chance& chance) {
  for (;;) {
    Json manifest = Json::parse(chance.one_in(3) ? sample_cluster() : sample_manifest());
    if (chance.one_in(3)) manifest["apiVersion"] = "ray.io/v1alpha1";
    for (std::uint64_t n = 1 + chance.below(3); n > 0; --n) {
      try {
        mutate(manifest, chance);
      } catch (const Json::exception&) {
        // A swap put a place into itself.
      }
    }
    if (manifest.is_object() && !asks_for_many_pods(manifest)) return manifest;
  }
}

// A write of an object; Events, the Lease and what is sent to Ray are counted apart.
bool is_write(const std::string& call) {
  static const std::array<const char*, 3> kOthers = {"/api/serve/", "/leases/", "/events"};
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [&](const char* other) { return call.find(other) != std::string::npos; });
}

const std::vector<std::string>& collections() {
  static const std::vector<std::string> kPaths = {
      "/apis/ray.io/v1/namespaces/default/rayservices",
      "/apis/ray.io/v1/namespaces/default/rayclusters",
      "/api/v1/namespaces/default/pods",
      "/api/v1/namespaces/default/services",
      "/api/v1/namespaces/default/secrets",
      "/api/v1/namespaces/default/serviceaccounts",
      "/apis/batch/v1/namespaces/default/jobs",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
      "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"};
  return kPaths;
}

class MutantRun {
 public:
  explicit MutantRun(std::uint64_t seed) : sim_({.seed = seed}), promises_(sim_) {
    sim_.set_frame_listener([this](const Frame& frame, const State&) {
      promises_.note(frame);
      count_writes(frame);
    });
  }

  MutantResult run(const Json& manifest) {
    result_.manifest = manifest.dump();
    const std::vector<std::vector<std::string>> before = everything();
    const std::string path = collection_of(manifest);
    result_.accepted = sim_.request("POST", path, result_.manifest).status == 201;
    if (!result_.accepted) return result_;
    const std::vector<std::string> made = sim_.names(path);
    if (made.empty()) return result_;  // In another namespace, by its name.
    sim_.run_for(kQuietWithin);
    promises_.look();
    check_writes();
    done_ = refused_ = 0;
    sim_.run_for(kQuietFor);
    if (done_ != 0) complain(std::to_string(done_) + " objects are written after a minute");
    if (refused_ > kRefused) complain("what is refused is tried too often");
    promises_.excuse(made.front());
    sim_.request("DELETE", path + "/" + made.front());
    sim_.run_for(kQuietWithin);
    // A state in Redis that cannot be cleaned up is waited for until its time limit.
    if (everything() != before) sim_.run_for(kRedisLimit);
    if (everything() != before) complain("something is left after its deletion" + left(before));
    for (const std::string& line : promises_.broken()) complain(line);
    for (const std::string& line : replay_differences(sim_)) complain("replay: " + line);
    return result_;
  }

 private:
  static std::string collection_of(const Json& manifest) {
    const std::string plural = manifest["kind"] == "RayService" ? "rayservices" : "rayclusters";
    return "/apis/" + manifest["apiVersion"].get<std::string>() + "/namespaces/default/" + plural;
  }

  std::vector<std::vector<std::string>> everything() {
    std::vector<std::vector<std::string>> all;
    for (const std::string& path : collections()) all.push_back(sim_.names(path));
    return all;
  }

  std::string left(const std::vector<std::vector<std::string>>& before) {
    std::string text;
    const auto now = everything();
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (now[i] == before[i]) continue;
      for (const std::string& name : now[i]) text += ", " + collections()[i] + "/" + name;
    }
    return text;
  }

  void count_writes(const Frame& frame) {
    for (std::size_t i = 0; i < frame.decisions.size(); ++i) {
      const Effect& effect = frame.decisions[i].effect;
      if (std::holds_alternative<PutServeConfig>(effect)) to_ray_.insert(frame.decision_seq(i));
    }
    for (const PlacedFact& placed : frame.facts) {
      const auto* write = std::get_if<WriteDone>(&placed.fact);
      if (write == nullptr || to_ray_.count(write->decided) != 0) continue;
      ++(write->result == WriteResult::Done ? done_ : refused_);
    }
  }

  void check_writes() {
    for (const auto& [call, count] : sim_.transport().writes()) {
      // Several objects are made in one collection.
      if (count <= kWritesPerObject || !is_write(call) || call.starts_with("POST ")) continue;
      complain(std::to_string(count) + " times " + call);
    }
  }

  void complain(const std::string& line) { result_.complaints += "  " + line + "\n"; }

  Sim sim_;
  Promises promises_;
  MutantResult result_;
  std::set<Seq> to_ray_;  // Decisions that sent a Serve config.
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace

MutantResult run_mutant(std::uint64_t seed) {
  Chance chance(seed);
  const Json manifest = mutant(chance);
  return MutantRun(seed).run(manifest);
}

}  // namespace raycord

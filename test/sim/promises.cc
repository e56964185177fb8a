#include "test/sim/promises.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/archive.h"
#include "core/describe.h"
#include "core/turn.h"
#include "sandbox/api_kinds.h"
#include "store/fold_log.h"
#include "store/verify_log.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

constexpr const char* kClusters = "/apis/ray.io/v1/rayclusters";
constexpr const char* kServices = "/api/v1/services";
constexpr const char* kRoutes = "/apis/gateway.networking.k8s.io/v1/httproutes";
constexpr std::size_t kClustersMax = 2;

std::string text_at(const Json& object, const char* pointer) {
  const Json::json_pointer path(pointer);
  if (!object.contains(path) || !object.at(path).is_string()) return "";
  return object.at(path).get<std::string>();
}

std::string owner_of(const Json& object) {
  for (const Json& owner : object["metadata"].value("ownerReferences", Json::array())) {
    if (owner.value("controller", false))
      return owner.value("kind", "") + "/" + owner.value("name", "");
  }
  return "";
}

// Nothing while the API server does not answer.
std::optional<Json> items(Sim& sim, const char* path) {
  const HttpResponse response = sim.request("GET", path);
  if (response.status != 200) return std::nullopt;
  Json list = Json::parse(response.body);
  return list["items"].is_array() ? list["items"] : Json::array();
}

// The partition as its own events and the fleet's leave it.
std::string folded_alone(Sim& sim, const NameTable& names, const PartitionName& name) {
  State alone;
  const auto visited =
      visit_decoded(sim.log().reader(), names, 1, [&](const Frame& whole, const StoredFrame&) {
        Frame part = whole;
        for (PlacedFact& placed : part.facts) {
          if (placed.partition && *placed.partition != name) placed.fact = DeadlineFired{};
          if (placed.partition && *placed.partition != name) placed.partition.reset();
        }
        // Facts keep their numbers, decisions theirs; what belongs to others says nothing.
        std::erase_if(part.decisions, [&](const Decision& d) { return d.partition != name; });
        fold_frame(alone, part);
        return true;
      });
  if (!visited) return visited.error().message;
  const auto found = alone.partitions.find(name);
  return found == alone.partitions.end() ? "" : pack(found->second);
}

}  // namespace

void Promises::fail(const std::string& what) {
  const std::string kind = what.substr(0, what.find(':'));
  if (!kinds_.insert(kind).second) return;
  broken_.push_back(to_rfc3339_millis(sim_.now()) + " " + what);
}

void Promises::look() {
  const Sandbox& sandbox = sim_.sandbox();
  const std::array versions{sandbox.version_of(ApiKindId::RayCluster),
                            sandbox.version_of(ApiKindId::Service),
                            sandbox.version_of(ApiKindId::HTTPRoute)};
  if (versions == seen_versions_) return;
  const auto listed = items(sim_, kClusters);
  const auto services = items(sim_, kServices);
  const auto routes = items(sim_, kRoutes);
  if (!listed || !services) return;
  seen_versions_ = versions;
  std::map<std::string, std::vector<std::string>> clusters;
  std::set<std::string> names;
  for (const Json& cluster : *listed) {
    names.insert(text_at(cluster, "/metadata/name"));
    if (cluster["metadata"].contains("deletionTimestamp")) continue;
    const std::string owner = owner_of(cluster);
    if (!owner.empty()) clusters[owner].push_back(text_at(cluster, "/metadata/name"));
    if (!owner.empty() && text_at(cluster, "/metadata/annotations/raycord.io~1intent").empty()) {
      fail("no effect without a logged intent: " + text_at(cluster, "/metadata/name"));
    }
  }
  check_counts(clusters);
  check_traffic(names, *services);
  if (routes) check_routes(names, *routes);
}

void Promises::check_counts(const std::map<std::string, std::vector<std::string>>& clusters) {
  for (const auto& [owner, of_owner] : clusters) {
    if (of_owner.size() <= kClustersMax) continue;
    std::string list;
    for (const std::string& name : of_owner) list += " " + name;
    fail("never more than two clusters: " + owner + " has" + list);
  }
}

// A cluster that a serve Service points to is not deleted by us while the Service is there.
void Promises::check_traffic(const std::set<std::string>& names, const Json& services) {
  std::map<std::string, std::string> traffic;
  for (const Json& service : services) {
    if (text_at(service, "/spec/selector/ray.io~1serve") != "true") continue;
    // Of an HTTPRoute's backends the route says whether they carry any.
    if (!owner_of(service).starts_with("RayService/")) continue;
    traffic[text_at(service, "/metadata/name")] =
        text_at(service, "/spec/selector/ray.io~1cluster");
  }
  for (const auto& [service, cluster] : traffic_) {
    const auto now = traffic.find(service);
    const bool still = now != traffic.end() && now->second == cluster;
    if (!still || names.count(cluster) > 0 || excused_.count(cluster) > 0) continue;
    if (is_wanted(service)) {
      fail("never delete what serves: " + service + " pointed to " + cluster);
    }
  }
  traffic_ = std::move(traffic);
}

// A RayService that is not being deleted has the object: their names begin alike.
bool Promises::is_wanted(const std::string& object) {
  const Json owners = items(sim_, "/apis/ray.io/v1/rayservices").value_or(Json::array());
  return std::any_of(owners.begin(), owners.end(), [&](const Json& owner) {
    return !owner["metadata"].contains("deletionTimestamp") &&
           object.rfind(text_at(owner, "/metadata/name"), 0) == 0;
  });
}

// The same of a cluster that an HTTPRoute sends a part of the traffic to.
void Promises::check_routes(const std::set<std::string>& names, const Json& routes) {
  std::map<std::string, std::set<std::string>> routed;
  for (const Json& route : routes) {
    std::set<std::string>& clusters = routed[text_at(route, "/metadata/name")];
    const Json::json_pointer references("/spec/rules/0/backendRefs");
    if (!route.contains(references)) continue;
    for (const Json& backend : route.at(references)) {
      const std::string service = backend.value("name", "");
      const std::string::size_type end = service.rfind("-serve-svc");
      if (backend.value("weight", 1) > 0) clusters.insert(service.substr(0, end));
    }
  }
  for (const auto& [route, clusters] : routed_) {
    const auto now = routed.find(route);
    if (now == routed.end() || !is_wanted(route)) continue;
    for (const std::string& cluster : clusters) {
      const bool gone = names.count(cluster) == 0 && excused_.count(cluster) == 0;
      if (gone && now->second.count(cluster) > 0) {
        fail("never delete what serves: " + route + " had a share for " + cluster);
      }
    }
  }
  routed_ = std::move(routed);
}

void Promises::note(const Frame& frame) {
  for (const Decision& decision : frame.decisions) {
    for (const Seq cause : decision.causes) {
      if (!cause || cause >= decision.seq) {
        fail("causes precede: " + describe(decision));
      }
    }
  }
  for (const PlacedFact& placed : frame.facts) {
    if (const auto* poison = std::get_if<Quarantined>(&placed.fact)) {
      fail("no invariant breaks: " + to_text(poison->partition) + ": " + poison->check);
    }
  }
}

std::vector<std::string> replay_differences(Sim& sim) {
  std::vector<std::string> differences;
  auto names = read_names(sim.log().reader());
  if (!names) return {names.error().message};
  State replayed;
  const auto visited =
      visit_decoded(sim.log().reader(), *names, 1, [&](const Frame& frame, const StoredFrame&) {
        const ReplayTurn turn = ReplayTurn::run(replayed, frame, ReplayTurn::Look::Everywhere);
        for (std::size_t i = 0; i < std::max(turn.decided.size(), frame.decisions.size()); ++i) {
          const bool both = i < turn.decided.size() && i < frame.decisions.size();
          if (both && same_decision(turn.decided[i], frame.decisions[i])) continue;
          differences.push_back(
              "recorded: " +
              (i < frame.decisions.size() ? describe(frame.decisions[i]) : std::string("nothing")) +
              "; replayed: " +
              (i < turn.decided.size() ? describe(turn.decided[i]) : std::string("nothing")));
        }
        return differences.size() < 5;
      });
  if (!visited) differences.push_back(visited.error().message);
  if (!differences.empty()) return differences;
  if (digest_of(replayed) != digest_of(sim.state())) differences.push_back("digest after replay");
  auto folded = fold_log(sim.log().reader());
  if (!folded) return {folded.error().message};
  if (digest_of(folded->state) != digest_of(sim.state()))
    differences.push_back("digest after fold");
  for (const auto& [name, partition] : sim.state().partitions) {
    if (folded_alone(sim, *names, name) != pack(partition)) {
      differences.push_back("folded alone: " + to_text(name));
    }
  }
  return differences;
}

}  // namespace raycord

#include "test/core/build/samples.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace raycord::test {
namespace {

constexpr const char* kCluster = R"({
  "apiVersion": "ray.io/v1",
  "kind": "RayCluster",
  "metadata": {"name": "rc", "namespace": "ns1", "uid": "uid-of-rc"},
  "spec": {
    "rayVersion": "2.52.0",
    "headGroupSpec": {
      "rayStartParams": {},
      "template": {"metadata": {}, "spec": {"containers": [{
        "name": "ray-head",
        "image": "rayproject/ray:2.52.0",
        "resources": {"limits": {"cpu": "2", "memory": "5Gi"},
                      "requests": {"cpu": "2", "memory": "2Gi"}}
      }]}}
    },
    "workerGroupSpecs": [{
      "groupName": "small-group",
      "replicas": 1, "minReplicas": 0, "maxReplicas": 5, "numOfHosts": 1,
      "rayStartParams": {},
      "scaleStrategy": {},
      "template": {"metadata": {}, "spec": {"containers": [{
        "name": "ray-worker",
        "image": "rayproject/ray:2.52.0",
        "resources": {"limits": {"cpu": "1", "memory": "2Gi"},
                      "requests": {"cpu": "500m", "memory": "2Gi"}}
      }]}}
    }]
  }
})";

// Fields that the API server or a controller sets on what is created, by the last part of the path.
const std::set<std::string_view> kOfTheServer = {
    "creationTimestamp", "generation", "resourceVersion", "uid", "managedFields",
    // pods
    "terminationMessagePath", "terminationMessagePolicy", "dnsPolicy", "enableServiceLinks",
    "nodeName", "preemptionPolicy", "priority", "schedulerName", "securityContext",
    "terminationGracePeriodSeconds", "tolerations", "protocol", "restartPolicy", "imagePullPolicy",
    "scheme", "apiVersion",
    // services
    "clusterIPs", "internalTrafficPolicy", "externalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
    "sessionAffinity", "type", "targetPort", "nodePort", "status"};

std::string last_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_assigned_address(const std::string& path, const Json& value) {
  return path == "/spec/clusterIP" && value != "None";
}

void compare(const std::string& path, const Json& built, const Json& recorded,
             std::vector<std::string>& found) {
  const bool left_out_in_lists = path == "/apiVersion" || path == "/kind";
  if (built == recorded || left_out_in_lists) return;
  if (built.is_object() && recorded.is_object()) {
    std::set<std::string> keys;
    for (const auto& [key, value] : built.items()) keys.insert(key);
    for (const auto& [key, value] : recorded.items()) keys.insert(key);
    for (const std::string& key : keys) {
      compare(path + "/" + key, built.value(key, Json()), recorded.value(key, Json()), found);
    }
    return;
  }
  if (built.is_array() && recorded.is_array() && built.size() == recorded.size()) {
    for (std::size_t i = 0; i < built.size(); ++i) {
      compare(path + "/" + std::to_string(i), built[i], recorded[i], found);
    }
    return;
  }
  if (built.is_null() &&
      (kOfTheServer.count(last_of(path)) > 0 || is_assigned_address(path, recorded))) {
    return;
  }
  found.push_back(path + ": built " + built.dump() + ", recorded " + recorded.dump());
}

std::string key_of(const Json& list, std::size_t at) {
  const bool named = std::all_of(list.begin(), list.end(), [](const Json& item) {
    return item.is_object() && item.contains("name");
  });
  if (!named) return std::to_string(at);
  const std::string name = list[at]["name"];
  const auto same = std::count_if(list.begin(), list.begin() + static_cast<long>(at),
                                  [&](const Json& item) { return item["name"] == name; });
  return same == 0 ? name : name + "#" + std::to_string(same + 1);
}

void collect(const std::string& path, const Json& value,
             std::map<std::string, std::string>& found) {
  if (value.empty() || !value.is_structured()) {
    found[path] = value.dump();
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) collect(path + "/" + key, member, found);
  } else {
    for (std::size_t i = 0; i < value.size(); ++i) {
      collect(path + "/" + key_of(value, i), value[i], found);
    }
  }
}

}  // namespace

std::map<std::string, std::string> values_of(const Json& object) {
  std::map<std::string, std::string> found;
  collect("", object, found);
  return found;
}

std::map<std::string, std::string> changes(const Json& plain, const Json& other) {
  const std::map<std::string, std::string> before = values_of(plain);
  const std::map<std::string, std::string> after = values_of(other);
  std::map<std::string, std::string> found;
  for (const auto& [path, value] : after) {
    const auto known = before.find(path);
    if (known == before.end() || known->second != value) found[path] = value;
  }
  for (const auto& [path, value] : before) {
    if (after.count(path) == 0) found[path] = "gone";
  }
  return found;
}

Json sample_cluster() { return Json::parse(kCluster); }

Json sample_cluster_of_service() {
  Json cluster = sample_cluster();
  cluster["metadata"]["labels"] = {{"ray.io/originated-from-crd", "RayService"},
                                   {"ray.io/originated-from-cr-name", "llm"}};
  return cluster;
}

Json sample_service() {
  Json service = {{"apiVersion", "ray.io/v1"}, {"kind", "RayService"}};
  service["metadata"] = {{"name", "llm"}, {"namespace", "ns1"}, {"uid", "uid-of-llm"}};
  service["spec"]["serveConfigV2"] = "applications: []\n";
  service["spec"]["rayClusterConfig"] = sample_cluster()["spec"];
  return service;
}

Json& head_container(Json& cluster) {
  return cluster["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0];
}

Json& worker_container(Json& cluster) {
  return cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0];
}

Json parsed(const Result<std::string>& built) {
  return built ? Json::parse(*built) : Json{{"failure", built.error().message}};
}

Json head_pod(const Json& cluster, const BuildOptions& options) {
  PodParameters parameters;
  parameters.name = "rc-head-x2k4b";
  parameters.intent = "abcde:17";
  return parsed(build_head_pod(cluster.dump(), parameters, options));
}

Json worker_pod(const Json& cluster, const BuildOptions& options) {
  PodParameters parameters;
  parameters.name = "rc-small-group-worker-9mm7s";
  parameters.intent = "abcde:18";
  parameters.group = "small-group";
  return parsed(build_worker_pod(cluster.dump(), parameters, options));
}

Json env_of(const Json& container, const std::string& name) {
  Json found;
  for (const Json& variable : container.value("env", Json::array())) {
    if (variable["name"] == name) found = variable;
  }
  if (found.is_object() && found.contains("value")) return found["value"];
  return found;
}

std::string argument_of(const Json& pod) {
  return pod.at("spec").at("containers").at(0).at("args").at(0).get<std::string>();
}

Json named(const Json& list, const std::string& name) {
  for (const Json& item : list) {
    if (item.value("name", "") == name) return item;
  }
  return Json();
}

std::vector<std::string> differences(const Json& built, const Json& recorded) {
  std::vector<std::string> found;
  compare("", built, recorded, found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace raycord::test

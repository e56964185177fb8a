#include "replay/json_fields.h"

namespace raycord {
namespace {

// Bindings give as many names as there are fields: a new field does not compile without a line.
// A status is a projection and not in the log, so it is not shown.
JsonTree body(const CreateCluster& effect) {
  const auto& [ns, name, service, revision, purpose, counter, attempt, least] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "service", "specRevision", "purpose", "counter",
                     "attempt", "atMinSize"},
          std::tie(ns, name, service, revision, purpose, counter, attempt, least));
  return json;
}

JsonTree body(const UpdateClusterGroups& effect) {
  const auto& [ns, name, uid, version, service, cluster, revision] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "uid", "resourceVersion", "service", "cluster",
                     "specRevision"},
          std::tie(ns, name, uid, version, service, cluster, revision));
  return json;
}

JsonTree body(const CreatePod& effect) {
  const auto& [ns, name, cluster, type, group, index, replica, host] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "cluster", "nodeType", "group", "replicaIndex",
                     "replicaName", "hostIndex"},
          std::tie(ns, name, cluster, type, group, index, replica, host));
  return json;
}

JsonTree body(const CreateService& effect) {
  const auto& [ns, name, role, selects, service, cluster] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "role", "selects", "service", "cluster"},
          std::tie(ns, name, role, selects, service, cluster));
  return json;
}

JsonTree body(const SwitchService& effect) {
  const auto& [ns, name, uid, version, role, selects, service, cluster, current] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "uid", "resourceVersion", "role", "selects", "service",
                     "cluster", "current"},
          std::tie(ns, name, uid, version, role, selects, service, cluster, current));
  return json;
}

JsonTree body(const CreateDependent& effect) {
  const auto& [ns, name, kind, cluster] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "of", "cluster"},
          std::tie(ns, name, kind, cluster));
  return json;
}

JsonTree body(const DeleteObject& effect) {
  const auto& [object, uid] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"object", "uid"}, std::tie(object, uid));
  return json;
}

JsonTree body(const SetFinalizer& effect) {
  const auto& [ns, name, uid, version, present, owner, kind] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "of", "uid", "resourceVersion", "present", "object"},
          std::tie(ns, name, kind, uid, version, present, owner));
  return json;
}

JsonTree body(const LabelPod& effect) {
  const auto& [ns, name, uid, serve] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "serve"}, std::tie(ns, name, uid, serve));
  return json;
}

JsonTree body(const StampHead& effect) {
  const auto& [ns, name, uid, revision] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "revision"},
          std::tie(ns, name, uid, revision));
  return json;
}

JsonTree body(const UpdateIngress& effect) {
  const auto& [ns, name, uid, version, cluster, current] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "resourceVersion", "cluster", "current"},
          std::tie(ns, name, uid, version, cluster, current));
  return json;
}

JsonTree body(const WriteRouting& effect) {
  const auto& [ns, name, kind, uid, version, service, current, backends] = effect;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "name", "of", "uid", "resourceVersion", "service", "current",
                     "backends"},
          std::tie(ns, name, kind, uid, version, service, current, backends));
  return json;
}

JsonTree body(const RememberOnService& effect) {
  const auto& [ns, name, uid, counter, attempts, back_off] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "nameCounter", "attempts", "backOffUntil"},
          std::tie(ns, name, uid, counter, attempts, back_off));
  return json;
}

JsonTree body(const RememberOnCluster& effect) {
  const auto& [ns, name, uid, delete_after, accepted] = effect;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "deleteAfter", "acceptedConfig"},
          std::tie(ns, name, uid, delete_after, accepted));
  return json;
}

JsonTree body(const PutServeConfig& effect) {
  const auto& [ns, cluster, head_uid, address, port, to_agent, secret, service, config, capacity] =
      effect;
  JsonTree json = JsonTree::object();
  set_all(
      json,
      std::array{"namespace", "cluster", "headUid", "address", "port", "toAgent", "tokenSecret",
                 "service", "config", "targetCapacity"},
      std::tie(ns, cluster, head_uid, address, port, to_agent, secret, service, config, capacity));
  return json;
}

template <class Write>
JsonTree status_body(const Write& effect) {
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"namespace", "name", "uid", "resourceVersion", "content"},
          std::tie(effect.ns, effect.name, effect.uid, effect.version, effect.content));
  return json;
}
JsonTree body(const WriteServiceStatus& effect) { return status_body(effect); }
JsonTree body(const WriteClusterStatus& effect) { return status_body(effect); }

}  // namespace

JsonTree json_of(const Effect& effect) {
  JsonTree json = {{"kind", kind_of(effect)}};
  json.update(std::visit([](const auto& content) { return body(content); }, effect));
  return json;
}

JsonTree json_of(const Decision& decision) {
  JsonTree json = {{"rule", name_of(decision.rule)},
                   {"ruleNumber", static_cast<int>(decision.rule)},
                   {"revision", decision.revision},
                   {"partition", to_text(decision.partition)}};
  json["causes"] = value_of(decision.causes);
  json["effect"] = json_of(decision.effect);
  return json;
}

}  // namespace raycord

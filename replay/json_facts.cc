#include "core/overloaded.h"
#include "replay/json_fields.h"

namespace raycord {
namespace {

// Bindings give as many names as there are fields: a new field does not compile without a line.
JsonTree body(const Started& fact) {
  const auto& [build, log_id, cluster_uid, revisions, options] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"build", "log", "clusterUid", "revisions", "options"},
          std::tie(build, log_id, cluster_uid, revisions, options));
  return json;
}

JsonTree body(const Gap& fact) {
  const auto& [from, to, cause] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"from", "to", "cause"}, std::tie(from, to, cause));
  return json;
}

JsonTree body(const LeadershipGained& fact) { return {{"epoch", fact.epoch}}; }

JsonTree body(const LeadershipLost& fact) { return {{"why", fact.why}}; }

JsonTree body(const ObjectSeen& fact) {
  JsonTree json = JsonTree::object();
  json["name"] = to_text(name_of(fact.object));
  json["object"] = json_of(fact.object);
  return json;
}

JsonTree body(const ObjectGone& fact) {
  const auto& [name, uid, version, how] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"name", "uid", "resourceVersion", "how"},
          std::tie(name, uid, version, how));
  return json;
}

template <class Listed>
JsonTree listed_body(const Listed& fact) {
  const auto& [kind, version, asked] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"of", "resourceVersion", "asked"}, std::tie(kind, version, asked));
  return json;
}
JsonTree body(const KindListed& fact) { return listed_body(fact); }
JsonTree body(const KindCaughtUp& fact) { return listed_body(fact); }

JsonTree body(const LeftScope& fact) {
  const auto& [kind, why] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"of", "why"}, std::tie(kind, why));
  return json;
}

JsonTree body(const WorldRestored& fact) {
  const auto& [kind, believed, served] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"of", "believed", "served"}, std::tie(kind, believed, served));
  return json;
}

JsonTree body(const ProbeRun& fact) {
  const auto& [ns, cluster, head_uid, head_restarts, target, first, last, count, slowest, continued,
               answer] = fact;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"namespace", "cluster", "headUid", "headRestarts", "target", "first", "last",
                     "count", "slowestMillis", "continued"},
          std::tie(ns, cluster, head_uid, head_restarts, target, first, last, count, slowest,
                   continued));
  if (!continued) json["answer"] = value_of(answer);
  return json;
}

JsonTree body(const DeadlineFired&) { return JsonTree::object(); }

JsonTree body(const WriteDone& fact) {
  const auto& [decided, result, status, message, retry_after, version, sent] = fact;
  JsonTree json = JsonTree::object();
  set_all(json,
          std::array{"decided", "result", "httpStatus", "message", "retryAfterMillis",
                     "resourceVersion", "sent"},
          std::tie(decided, result, status, message, retry_after, version, sent));
  return json;
}

JsonTree body(const Unreadable& fact) {
  const auto& [where, why, size, hash] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"where", "why", "size", "hash"}, std::tie(where, why, size, hash));
  return json;
}

JsonTree body(const Quarantined& fact) {
  const auto& [partition, check, build] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"partition", "check", "build"}, std::tie(partition, check, build));
  return json;
}

JsonTree body(const FleetHoldChanged& fact) {
  const auto& [held, why] = fact;
  JsonTree json = JsonTree::object();
  set_all(json, std::array{"held", "why"}, std::tie(held, why));
  return json;
}

}  // namespace

JsonTree json_of(const Object& object) {
  return std::visit([](const auto& slice) { return value_of(slice); }, object);
}

JsonTree json_of(const ProbeAnswer& answer) { return value_of(answer); }

JsonTree json_of(const Options& options) { return value_of(options); }

JsonTree json_of(const Fact& fact) {
  JsonTree json = {{"kind", kind_of(fact)}};
  json.update(std::visit([](const auto& content) { return body(content); }, fact));
  return json;
}

}  // namespace raycord

#include "sandbox/faults.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace raycord {
namespace {

HttpResponse refuse(const std::string& message) { return failure_response(bad_request(message)); }

HttpResponse unknown_path(const std::string& path) {
  return failure_response(
      {404, "NotFound",
       path +
           " is nothing of the sandbox; there are POST /sandbox/{faults,apps,pods,reset} and GET "
           "/sandbox/{clusters,puts,stats}",
       nullptr});
}

std::optional<DisturbanceMode> parse_mode(const std::string& text) {
  if (text == "hang") return DisturbanceMode::Hang;
  if (text == "refuse") return DisturbanceMode::Refuse;
  if (text == "reset") return DisturbanceMode::Reset;
  if (text == "error") return DisturbanceMode::Error;
  if (text == "latency") return DisturbanceMode::Latency;
  return {};
}

const char* name_of(DisturbanceMode mode) {
  switch (mode) {
    case DisturbanceMode::Hang:
      return "hang";
    case DisturbanceMode::Refuse:
      return "refuse";
    case DisturbanceMode::Reset:
      return "reset";
    case DisturbanceMode::Error:
      return "error";
    case DisturbanceMode::Latency:
      return "latency";
  }
  return "";
}

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash * 0x9e3779b97f4a7c15ULL;
}

Json counter_view(const RequestCounter& counter) {
  Json view = {{"n", counter.count}, {"failed", counter.failed}};
  if (counter.first) view["first"] = to_rfc3339_millis(*counter.first);
  if (counter.last) view["last"] = to_rfc3339_millis(*counter.last);
  return view;
}

Json names_of(const std::vector<RayClusterRecord*>& records) {
  Json names = Json::array();
  for (const RayClusterRecord* record : records) names.push_back(record->key);
  return {{"clusters", names}};
}

}  // namespace

HttpResponse SandboxFaults::handle(Time now, const HttpRequest& request, const std::string& path,
                                   const ApiQuery& query) {
  if (request.method == "POST") {
    const auto asked = request.body.empty() ? Json::object() : parse_json(request.body);
    if (!asked || !asked->is_object()) return refuse("the body is not a JSON object");
    return post(now, path, *asked);
  }
  if (request.method != "GET") return unknown_path(request.method + " " + path);
  if (path == "/sandbox/clusters") {
    Json views = Json::array();
    for (RayClusterRecord* record : pick({{"cluster", query_value(query, "cluster")}})) {
      views.push_back(view(now, *record, false));
    }
    return json_response(200, views);
  }
  constexpr std::string_view kOne = "/sandbox/clusters/";
  if (path.starts_with(kOne)) {
    RayClusterRecord* record = clusters_.find(path.substr(kOne.size()));
    if (record == nullptr) return unknown_path(path);
    return json_response(200, view(now, *record, true));
  }
  if (path == "/sandbox/puts") {
    const std::string since = query_value(query, "since");
    std::uint64_t seq = 0;
    std::from_chars(since.data(), since.data() + since.size(), seq);
    return json_response(200, puts_since(seq, query_value(query, "bodies") != "0"));
  }
  if (path == "/sandbox/stats") return json_response(200, totals());
  return unknown_path(path);
}

HttpResponse SandboxFaults::post(Time now, const std::string& path, const Json& asked) {
  if (path == "/sandbox/faults") {
    const std::string target = text_at(asked, {"target"});
    if (target == "apiserver") return trouble_api(asked);
    return target == "gateways" ? trouble_gateways(asked) : disturb(now, asked);
  }
  if (path == "/sandbox/apps") return display(now, asked);
  if (path == "/sandbox/pods") return act_on_pods(now, asked);
  if (path == "/sandbox/reset") return reset();
  return unknown_path(path);
}

// "cluster": "namespace/name", a prefix that ends in "*", or nothing for all; then "percent" of
// them: the same ones for the same names.
std::vector<RayClusterRecord*> SandboxFaults::pick(const Json& asked) {
  std::string pattern = text_at(asked, {"cluster"});
  const bool prefix = pattern.ends_with("*");
  if (prefix) pattern.pop_back();
  std::vector<RayClusterRecord*> picked;
  for (auto& [key, record] : clusters_.all()) {
    const bool meant = pattern.empty() || (prefix ? key.starts_with(pattern) : key == pattern);
    const bool empty = record.heads.empty() && record.workers.empty();
    if (meant && (!empty || key == pattern)) picked.push_back(&record);
  }
  const std::int64_t percent = number_at(asked, {"percent"}, 100);
  if (percent >= 100 || percent < 0) return picked;
  std::stable_sort(picked.begin(), picked.end(),
                   [](const RayClusterRecord* left, const RayClusterRecord* right) {
                     return hash_of(left->key) < hash_of(right->key);
                   });
  picked.resize((picked.size() * static_cast<std::size_t>(percent) + 50) / 100);
  std::sort(picked.begin(), picked.end(),
            [](const RayClusterRecord* left, const RayClusterRecord* right) {
              return left->key < right->key;
            });
  return picked;
}

HttpResponse SandboxFaults::disturb(Time now, const Json& asked) {
  std::string target = text_at(asked, {"target"});
  if (target.empty()) target = "dashboard";
  if (target != "dashboard" && target != "agent" && target != "serve") {
    return refuse("target must be dashboard, agent, serve, gateways or apiserver, not \"" + target +
                  "\"");
  }
  const std::string text = text_at(asked, {"mode"});
  const auto mode = parse_mode(text);
  if (!mode && text != "clear") {
    return refuse("mode must be hang, refuse, reset, error, latency or clear, not \"" + text +
                  "\"");
  }
  const auto records = pick(asked);
  for (RayClusterRecord* record : records) {
    record->disturbances.erase(target);
    if (mode) {
      record->disturbances[target] = {*mode, static_cast<int>(number_at(asked, {"code"}, 500)),
                                      Millis(number_at(asked, {"latency_ms"}, 0)),
                                      Millis(number_at(asked, {"unready_after_ms"}, 0)), now};
    }
    kubelet_.kick_cluster(record->key);
  }
  return json_response(200, names_of(records));
}

// The controller of Gateways falls silent, or their kinds are not there at all.
HttpResponse SandboxFaults::trouble_gateways(const Json& asked) {
  const std::string mode = text_at(asked, {"mode"});
  if (mode != "silent" && mode != "missing" && mode != "clear") {
    return refuse("mode of gateways must be silent, missing or clear, not \"" + mode + "\"");
  }
  const bool lacked = lacks_gateways_;
  lacks_gateways_ = mode == "missing";
  if (lacks_gateways_ != lacked) watches_.drop_all();
  gateways_.withhold(mode == "silent");
  return json_response(200, {{"ok", true}});
}

bool SandboxFaults::lacks(const ApiKind& kind) const {
  return lacks_gateways_ && (kind.id == ApiKindId::Gateway || kind.id == ApiKindId::HTTPRoute);
}

HttpResponse SandboxFaults::trouble_api(const Json& asked) {
  const std::string text = text_at(asked, {"mode"});
  if (text == "drop_watches") {
    watches_.drop_all();
  } else if (text == "expire") {
    store_.forget_history();
    api_.expire_pages();
  } else if (text == "restore") {
    return restore(asked);
  } else if (text == "clear") {
    trouble_ = {};
  } else if (const auto mode = parse_mode(text)) {
    trouble_ = {mode,
                static_cast<int>(number_at(asked, {"code"}, 500)),
                number_at(asked, {"count"}, -1),
                number_at(asked, {"retry_after_s"}, 0),
                Millis(number_at(asked, {"latency_ms"}, 0)),
                text_at(asked, {"method"}),
                text_at(asked, {"path"})};
  } else {
    return refuse(
        "mode of the apiserver must be error, hang, refuse, reset, latency, drop_watches, expire, "
        "restore or clear, not \"" +
        text + "\"");
  }
  return json_response(200, {{"ok", true}, {"resourceVersion", store_.version()}});
}

// The world goes back in time: to a version, or by a number of versions.
HttpResponse SandboxFaults::restore(const Json& asked) {
  const auto now = static_cast<std::int64_t>(store_.version());
  const std::int64_t version =
      number_at(asked, {"resource_version"}, now - number_at(asked, {"back"}, 0));
  if (version < 0 || !store_.restore(static_cast<std::uint64_t>(version))) {
    return refuse("history does not reach back to version " + std::to_string(version) +
                  ", or it lies ahead of " + std::to_string(now));
  }
  watches_.drop_all();
  api_.expire_pages();
  look_again_();
  return json_response(200, {{"ok", true}, {"resourceVersion", store_.version()}});
}

HttpResponse SandboxFaults::display(Time now, const Json& asked) {
  const std::string app = text_at(asked, {"app"});
  const RayDisplay shown{text_at(asked, {"status"}), text_at(asked, {"message"}),
                         text_at(asked, {"deployment_status"}), true_at(asked, {"until_put"})};
  const auto records = pick(asked);
  for (RayClusterRecord* record : records) {
    std::vector<std::string> apps;
    if (!app.empty()) {
      apps.push_back(app);
    } else if (const Kubelet::Pod* head = kubelet_.live_head(record->key)) {
      for (const auto& [name, status] : head->ray->statuses(now, record->displays)) {
        apps.push_back(name);
      }
    }
    if (app.empty() && shown.status.empty()) record->displays.clear();
    for (const std::string& name : apps) {
      record->displays.erase(name);
      if (!shown.status.empty()) record->displays[name] = shown;
    }
  }
  return json_response(200, names_of(records));
}

HttpResponse SandboxFaults::act_on_pods(Time now, const Json& asked) {
  const std::string which = text_at(asked, {"pod"});
  const std::string action = text_at(asked, {"action"});
  if (action != "restart" && action != "delete") {
    return refuse("action must be restart or delete, not \"" + action + "\"");
  }
  if (which.empty()) return refuse("pod must be head, worker, all or the name of a pod");
  Json done = Json::array();
  for (RayClusterRecord* record : pick(asked)) {
    std::vector<std::string> uids(record->heads.begin(), record->heads.end());
    uids.insert(uids.end(), record->workers.begin(), record->workers.end());
    for (const std::string& uid : uids) {
      const Kubelet::Pod* pod = kubelet_.find_uid(uid);
      const ApiObjectPtr object = store_.find_uid(uid);
      if (pod == nullptr || object == nullptr) continue;
      const bool meant =
          which == "all" || which == pod->name || which == (pod->head ? "head" : "worker");
      if (!meant) continue;
      done.push_back(object->key());
      if (action == "restart") {
        kubelet_.restart(uid, "Error");
      } else {
        api_.remove(now, *object);
      }
    }
  }
  return json_response(200, {{"pods", done}});
}

HttpResponse SandboxFaults::reset() {
  trouble_ = {};
  lacks_gateways_ = false;
  gateways_.withhold(false);
  clusters_.forget_puts();
  for (auto& [key, record] : clusters_.all()) {
    record.disturbances.clear();
    record.displays.clear();
    record.gets = {};
    record.puts = {};
    record.health_probes = {};
    kubelet_.kick_cluster(key);
  }
  return json_response(200, {{"ok", true}});
}

Json SandboxFaults::view(Time now, RayClusterRecord& record, bool whole) {
  const auto pods = [this](const std::set<std::string>& uids) {
    Json list = Json::array();
    for (const std::string& uid : uids) {
      const Kubelet::Pod* pod = kubelet_.find_uid(uid);
      if (pod == nullptr) continue;
      list.push_back({{"name", pod->name},
                      {"ip", pod->sight.ip},
                      {"state", name_of(pod->sight.stage)},
                      {"restarts", pod->sight.restarts}});
    }
    return list;
  };
  Json body = {{"cluster", record.key},
               {"heads", pods(record.heads)},
               {"workers", pods(record.workers)},
               {"gets", counter_view(record.gets)},
               {"puts", counter_view(record.puts)},
               {"health_probes", counter_view(record.health_probes)},
               {"apps", Json::object()},
               {"faults", Json::object()}};
  if (Kubelet::Pod* head = kubelet_.live_head(record.key)) {
    body["apps"] = head->ray->statuses(now, record.displays);
    if (whole) {
      body["serve"] = head->ray->details(now, record.displays, kubelet_.ray_nodes(record.key));
    }
  }
  for (const auto& [target, disturbance] : record.disturbances) {
    body["faults"][target] = name_of(disturbance.mode);
  }
  return body;
}

Json SandboxFaults::puts_since(std::uint64_t seq, bool bodies) const {
  Json list = Json::array();
  for (const RayPut& put : clusters_.puts()) {
    if (put.seq <= seq) continue;
    Json shown = {{"seq", put.seq},         {"t", to_rfc3339_millis(put.at)},
                  {"cluster", put.cluster}, {"pod", put.pod},
                  {"code", put.code},       {"changed", put.changed}};
    if (bodies) {
      const auto body = parse_json(put.body);
      shown["body"] = body ? *body : Json(put.body);
    }
    list.push_back(std::move(shown));
  }
  return list;
}

Json SandboxFaults::totals() {
  std::uint64_t gets = 0;
  std::uint64_t puts = 0;
  std::uint64_t probes = 0;
  std::uint64_t running = 0;
  for (const auto& [key, record] : clusters_.all()) {
    gets += record.gets.count;
    puts += record.puts.count;
    probes += record.health_probes.count;
    if (!record.heads.empty()) ++running;
  }
  return {{"gets", gets},
          {"puts", puts},
          {"health_probes", probes},
          {"clusters", running},
          {"pods", store_.all(ApiKindId::Pod).size()},
          {"watches", watches_.count()},
          {"resourceVersion", store_.version()}};
}

bool SandboxFaults::troubled(const HttpRequest& request, const std::string& path) const {
  if (!trouble_.mode || trouble_.left == 0) return false;
  if (!trouble_.method.empty() && trouble_.method != request.method) return false;
  return path.starts_with(trouble_.path);
}

std::optional<SandboxReply> SandboxFaults::spoil(const HttpRequest& request,
                                                 const std::string& path) {
  if (!troubled(request, path)) return {};
  switch (*trouble_.mode) {
    case DisturbanceMode::Hang:
      return SandboxSilence{};
    case DisturbanceMode::Refuse:
      return SandboxBroken{HttpFailure::Refused};
    case DisturbanceMode::Reset:
      return SandboxBroken{HttpFailure::Reset};
    case DisturbanceMode::Latency:
      return {};
    case DisturbanceMode::Error:
      break;
  }
  if (trouble_.left > 0) --trouble_.left;
  const bool busy = trouble_.code == 429;
  Json details;
  if (trouble_.retry_after > 0) details = {{"retryAfterSeconds", trouble_.retry_after}};
  return failure_response(
      {trouble_.code, busy ? "TooManyRequests" : "InternalError",
       busy ? "Too many requests, please try again later." : "Internal error occurred: injected",
       details});
}

Millis SandboxFaults::latency(const HttpRequest& request, const std::string& path) const {
  const bool late = trouble_.mode == DisturbanceMode::Latency && troubled(request, path);
  return late ? trouble_.latency : Millis(0);
}

}  // namespace raycord

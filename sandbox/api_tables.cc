#include "sandbox/api_tables.h"

#include <functional>
#include <string>
#include <vector>

namespace raycord {
namespace {

using Cell = std::function<Json(const Json& object, Time now)>;

struct Column {
  const char* name;
  const char* type;
  int priority;  // > 0: only with -o wide.
  Cell cell;
};

std::string age_of(const std::string& since, Time now) {
  const auto time = from_rfc3339(since);
  return time ? human_duration(now - *time) : "<unknown>";
}

Json age(const Json& object, Time now) {
  return age_of(text_at(object, {"metadata", "creationTimestamp"}), now);
}

std::string or_none(const std::string& text) { return text.empty() ? "<none>" : text; }

Column name_column() {
  return {"Name", "string", 0, [](const Json& object, Time) {
            return Json(text_at(object, {"metadata", "name"}));
          }};
}

Column age_column() { return {"Age", "string", 0, age}; }

// A cell of a custom resource: the value as it is, nothing when it is missing.
Column path_column(const char* name, const char* type, int priority,
                   std::vector<const char*> path) {
  return {name, type, priority, [path = std::move(path)](const Json& object, Time) {
            const Json* at = &object;
            for (const char* step : path) {
              at = look(*at, {step});
              if (at == nullptr) return Json();
            }
            return *at;
          }};
}

std::string waiting_reason(const Json& container) {
  const std::string waiting = text_at(container, {"state", "waiting", "reason"});
  if (!waiting.empty()) return waiting;
  const Json* ended = look(container, {"state", "terminated"});
  if (ended == nullptr) return "";
  const std::string reason = text_at(*ended, {"reason"});
  if (!reason.empty()) return reason;
  return "ExitCode:" + std::to_string(number_at(*ended, {"exitCode"}, 0));
}

std::string init_reason(const Json& pod) {
  const Json& inits = list_at(pod, {"status", "initContainerStatuses"});
  for (std::size_t i = 0; i < inits.size(); ++i) {
    const Json* ended = look(inits[i], {"state", "terminated"});
    if (ended != nullptr && number_at(*ended, {"exitCode"}, 1) == 0) continue;
    const std::string waiting = text_at(inits[i], {"state", "waiting", "reason"});
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
    return "Init:" + std::to_string(i) + "/" + std::to_string(inits.size());
  }
  return "";
}

Json pod_state(const Json& pod, Time) {
  if (look(pod, {"metadata", "deletionTimestamp"}) != nullptr) return "Terminating";
  const std::string init = init_reason(pod);
  if (!init.empty() && text_at(pod, {"status", "phase"}) == "Pending") return init;
  std::string reason = text_at(pod, {"status", "phase"});
  for (const Json& container : list_at(pod, {"status", "containerStatuses"})) {
    const std::string waiting = waiting_reason(container);
    if (!waiting.empty()) reason = waiting;
  }
  return reason;
}

Json pod_ready(const Json& pod, Time) {
  int ready = 0;
  for (const Json& container : list_at(pod, {"status", "containerStatuses"})) {
    if (true_at(container, {"ready"})) ++ready;
  }
  return std::to_string(ready) + "/" + std::to_string(list_at(pod, {"spec", "containers"}).size());
}

Json pod_restarts(const Json& pod, Time now) {
  std::int64_t restarts = 0;
  std::string last;
  for (const Json& container : list_at(pod, {"status", "containerStatuses"})) {
    restarts += number_at(container, {"restartCount"}, 0);
    const std::string end = text_at(container, {"lastState", "terminated", "finishedAt"});
    if (end > last) last = end;
  }
  if (restarts == 0 || last.empty()) return std::to_string(restarts);
  return std::to_string(restarts) + " (" + age_of(last, now) + " ago)";
}

Json readiness_gates(const Json&, Time) { return "<none>"; }

std::vector<Column> pod_columns() {
  return {name_column(),
          {"Ready", "string", 0, pod_ready},
          {"Status", "string", 0, pod_state},
          {"Restarts", "string", 0, pod_restarts},
          age_column(),
          {"IP", "string", 1,
           [](const Json& pod, Time) {
             return or_none(text_at(pod, {"status", "podIP"}));
           }},
          {"Node", "string", 1,
           [](const Json& pod, Time) {
             return or_none(text_at(pod, {"spec", "nodeName"}));
           }},
          {"Nominated Node", "string", 1, readiness_gates},
          {"Readiness Gates", "string", 1, readiness_gates}};
}

Json service_ports(const Json& service, Time) {
  std::string text;
  for (const Json& port : list_at(service, {"spec", "ports"})) {
    if (!text.empty()) text += ",";
    text += std::to_string(number_at(port, {"port"}, 0));
    const std::int64_t node = number_at(port, {"nodePort"}, 0);
    if (node != 0) text += ":" + std::to_string(node);
    text += "/" + port.value("protocol", "TCP");
  }
  return or_none(text);
}

Json external_ip(const Json& service, Time) {
  if (text_at(service, {"spec", "type"}) == "LoadBalancer") return "<pending>";
  return or_none(text_at(service, {"spec", "externalName"}));
}

Json selector_text(const Json& service, Time) {
  std::string text;
  for (const auto& [key, value] : object_at(service, {"spec", "selector"}).items()) {
    text +=
        (text.empty() ? "" : ",") + key + "=" + (value.is_string() ? value.get<std::string>() : "");
  }
  return or_none(text);
}

std::vector<Column> service_columns() {
  return {name_column(),
          {"Type", "string", 0,
           [](const Json& service, Time) {
             return Json(text_at(service, {"spec", "type"}));
           }},
          {"Cluster-IP", "string", 0,
           [](const Json& service, Time) {
             return or_none(text_at(service, {"spec", "clusterIP"}));
           }},
          {"External-IP", "string", 0, external_ip},
          {"Port(s)", "string", 0, service_ports},
          age_column(),
          {"Selector", "string", 1, selector_text}};
}

constexpr std::size_t kCellItems = 3;  // As kubectl: "a,b,c + 2 more..."

std::string join_some(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < kCellItems; ++i) {
    text += (i == 0 ? "" : ",") + items[i];
  }
  if (items.size() > kCellItems) {
    text += " + " + std::to_string(items.size() - kCellItems) + " more...";
  }
  return text.empty() ? "<unset>" : text;
}

std::vector<Column> endpoint_slice_columns() {
  const auto ports = [](const Json& slice, Time) {
    std::vector<std::string> items;
    for (const Json& port : list_at(slice, {"ports"})) {
      items.push_back(std::to_string(number_at(port, {"port"}, 0)));
    }
    return Json(join_some(items));
  };
  const auto addresses = [](const Json& slice, Time) {
    std::vector<std::string> items;
    for (const Json& endpoint : list_at(slice, {"endpoints"})) {
      for (const Json& address : list_at(endpoint, {"addresses"})) {
        items.push_back(address.get<std::string>());
      }
    }
    return Json(join_some(items));
  };
  return {name_column(),
          {"AddressType", "string", 0,
           [](const Json& slice, Time) { return Json(text_at(slice, {"addressType"})); }},
          {"Ports", "string", 0, ports},
          {"Endpoints", "string", 0, addresses},
          age_column()};
}

std::string event_time(const Json& event) {
  for (const char* field : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
    const std::string time = text_at(event, {field});
    if (!time.empty()) return time;
  }
  return text_at(event, {"metadata", "creationTimestamp"});
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::vector<Column> event_columns() {
  return {
      {"Last Seen", "string", 0,
       [](const Json& event, Time now) { return Json(age_of(event_time(event), now)); }},
      {"Type", "string", 0, [](const Json& event, Time) { return Json(text_at(event, {"type"})); }},
      {"Reason", "string", 0,
       [](const Json& event, Time) { return Json(text_at(event, {"reason"})); }},
      {"Object", "string", 0,
       [](const Json& event, Time) {
         return Json(lower(text_at(event, {"involvedObject", "kind"})) + "/" +
                     text_at(event, {"involvedObject", "name"}));
       }},
      {"Message", "string", 0,
       [](const Json& event, Time) { return Json(text_at(event, {"message"})); }},
      {"Count", "integer", 1,
       [](const Json& event, Time) { return Json(number_at(event, {"count"}, 1)); }},
      {"Name", "string", 1, [](const Json& event, Time) {
         return Json(text_at(event, {"metadata", "name"}));
       }}};
}

std::vector<Column> ray_cluster_columns() {
  return {name_column(),
          path_column("desired workers", "integer", 0, {"status", "desiredWorkerReplicas"}),
          path_column("available workers", "integer", 0, {"status", "availableWorkerReplicas"}),
          path_column("cpus", "string", 0, {"status", "desiredCPU"}),
          path_column("memory", "string", 0, {"status", "desiredMemory"}),
          path_column("gpus", "string", 0, {"status", "desiredGPU"}),
          path_column("tpus", "string", 1, {"status", "desiredTPU"}),
          path_column("status", "string", 0, {"status", "state"}),
          {"age", "date", 0, age},
          path_column("head pod IP", "string", 1, {"status", "head", "podIP"}),
          path_column("head service IP", "string", 1, {"status", "head", "serviceIP"})};
}

Json count_of(const Json& object, const char* field) {
  return static_cast<std::int64_t>(object_at(object, {field}).size());
}

Json node_state(const Json&, Time) { return "Ready"; }

Json job_state(const Json& job, Time) {
  for (const Json& condition : list_at(job, {"status", "conditions"})) {
    if (text_at(condition, {"status"}) == "True") return text_at(condition, {"type"});
  }
  return "Running";
}

Json job_completions(const Json& job, Time) {
  return std::to_string(number_at(job, {"status", "succeeded"}, 0)) + "/" +
         std::to_string(number_at(job, {"spec", "completions"}, 1));
}

Json job_duration(const Json& job, Time now) {
  const auto start = from_rfc3339(text_at(job, {"status", "startTime"}));
  if (!start) return "";
  const auto end = from_rfc3339(text_at(job, {"status", "completionTime"}));
  return human_duration((end ? *end : now) - *start);
}

Json ingress_hosts(const Json& ingress, Time) {
  std::string hosts;
  for (const Json& rule : list_at(ingress, {"spec", "rules"})) {
    const std::string host = text_at(rule, {"host"});
    if (!host.empty()) hosts += (hosts.empty() ? "" : ",") + host;
  }
  return hosts.empty() ? "*" : hosts;
}

Json ingress_ports(const Json& ingress, Time) {
  return list_at(ingress, {"spec", "tls"}).empty() ? "80" : "80, 443";
}

Json ingress_class(const Json& ingress, Time) {
  return or_none(text_at(ingress, {"spec", "ingressClassName"}));
}

std::vector<Column> job_columns() {
  return {name_column(),
          {"Status", "string", 0, job_state},
          {"Completions", "string", 0, job_completions},
          {"Duration", "string", 0, job_duration},
          age_column()};
}

std::vector<Column> ingress_columns() {
  return {name_column(),
          {"Class", "string", 0, ingress_class},
          {"Hosts", "string", 0, ingress_hosts},
          {"Address", "string", 0, [](const Json&, Time) { return Json(""); }},
          {"Ports", "string", 0, ingress_ports},
          age_column()};
}

Json programmed_state(const Json& gateway, Time) {
  for (const Json& condition : list_at(gateway, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "Programmed") return text_at(condition, {"status"});
  }
  return "";
}

std::vector<Column> gateway_columns() {
  return {name_column(),
          path_column("Class", "string", 0, {"spec", "gatewayClassName"}),
          {"Programmed", "string", 0, programmed_state},
          age_column()};
}

std::vector<Column> columns_of(const ApiKind& kind, const GroupVersion& at) {
  switch (kind.id) {
    case ApiKindId::RayService:
      if (at != kind.served[0]) break;
      return {name_column(),
              path_column("service status", "string", 0, {"status", "serviceStatus"}),
              path_column("num serve endpoints", "string", 0, {"status", "numServeEndpoints"})};
    case ApiKindId::RayCluster:
      return ray_cluster_columns();
    case ApiKindId::Pod:
      return pod_columns();
    case ApiKindId::Service:
      return service_columns();
    case ApiKindId::EndpointSlice:
      return endpoint_slice_columns();
    case ApiKindId::Event:
      return event_columns();
    case ApiKindId::Lease:
      return {name_column(), path_column("Holder", "string", 0, {"spec", "holderIdentity"}),
              age_column()};
    case ApiKindId::Namespace:
      return {name_column(), path_column("Status", "string", 0, {"status", "phase"}), age_column()};
    case ApiKindId::Secret:
      return {
          name_column(),
          path_column("Type", "string", 0, {"type"}),
          {"Data", "integer", 0, [](const Json& secret, Time) { return count_of(secret, "data"); }},
          age_column()};
    case ApiKindId::ConfigMap:
      return {name_column(),
              {"Data", "integer", 0, [](const Json& map, Time) { return count_of(map, "data"); }},
              age_column()};
    case ApiKindId::ServiceAccount:
      return {
          name_column(),
          {"Secrets", "integer", 0,
           [](const Json& account, Time) { return Json(list_at(account, {"secrets"}).size()); }},
          age_column()};
    case ApiKindId::Node:
      return {name_column(),
              {"Status", "string", 0, node_state},
              {"Roles", "string", 0, readiness_gates},
              age_column(),
              path_column("Version", "string", 0, {"status", "nodeInfo", "kubeletVersion"})};
    case ApiKindId::RoleBinding:
      return {name_column(),
              {"Role", "string", 0,
               [](const Json& binding, Time) {
                 return Json(text_at(binding, {"roleRef", "kind"}) + "/" +
                             text_at(binding, {"roleRef", "name"}));
               }},
              age_column()};
    case ApiKindId::Job:
      return job_columns();
    case ApiKindId::Ingress:
      return ingress_columns();
    case ApiKindId::Gateway:
      return gateway_columns();
    case ApiKindId::HTTPRoute:
      break;
    case ApiKindId::Role:
    case ApiKindId::CustomResourceDefinition:
      return {name_column(), {"Created At", "date", 0, [](const Json& object, Time) {
                                return Json(text_at(object, {"metadata", "creationTimestamp"}));
                              }}};
  }
  return {name_column(), age_column()};
}

}  // namespace

std::string human_duration(Millis duration) {
  const long long seconds = duration.count() / 1000;
  if (seconds < 0) return seconds < -1 ? "<invalid>" : "0s";
  const auto two = [](long long big, const char* unit, long long small, const char* rest) {
    return std::to_string(big) + unit + (small == 0 ? "" : std::to_string(small) + rest);
  };
  const long long minutes = seconds / 60;
  const long long hours = seconds / 3600;
  const long long days = seconds / 86400;
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (hours < 3) return std::to_string(minutes) + "m";
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return std::to_string(hours) + "h";
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 365 * 2) return std::to_string(days) + "d";
  if (days < 365 * 8) return two(days / 365, "y", days % 365, "d");
  return std::to_string(days / 365) + "y";
}

Json table_columns(const ApiKind& kind, const GroupVersion& at) {
  Json columns = Json::array();
  for (const Column& column : columns_of(kind, at)) {
    const bool name = std::string_view(column.name) == "Name";
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"format", name ? "name" : ""},
                       {"description", ""},
                       {"priority", column.priority}});
  }
  return columns;
}

Json table_cells(const ApiObject& object, const GroupVersion& at, Time now) {
  Json cells = Json::array();
  for (const Column& column : columns_of(*object.kind, at)) {
    cells.push_back(column.cell(object.body, now));
  }
  return cells;
}

}  // namespace raycord

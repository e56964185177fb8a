#include "sandbox/endpoint_controller.h"

#include <algorithm>
#include <utility>

namespace raycord {
namespace {

std::string index_key(const std::string& name_space, const std::string& label, const Json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return name_space + " " + label + "=" + text;
}

// One term of the selector finds the candidates; a cluster's name is the narrowest we know.
std::string selector_key(const ApiObject& service) {
  const Json& selector = object_at(service.body, {"spec", "selector"});
  if (selector.empty()) return "";
  const auto narrow = selector.find("ray.io/cluster");
  const auto chosen = narrow == selector.end() ? selector.begin() : narrow;
  return index_key(service.name_space, chosen.key(), chosen.value());
}

bool selects(const Json& selector, const Json& labels) {
  for (const auto& [key, value] : selector.items()) {
    const Json* label = look(labels, {key.c_str()});
    if (label == nullptr || *label != value) return false;
  }
  return true;
}

// A named target port is looked up in the pod.
Json target_port(const Json& port, const Json& pod) {
  const Json target = port.value("targetPort", port["port"]);
  if (!target.is_string()) return target;
  for (const Json& container : list_at(pod, {"spec", "containers"})) {
    for (const Json& open : list_at(container, {"ports"})) {
      if (open.value("name", "") == target.get<std::string>()) return open["containerPort"];
    }
  }
  return nullptr;
}

Json slice_ports(const ApiObject& service, const Json& pod) {
  Json ports = Json::array();
  for (const Json& port : list_at(service.body, {"spec", "ports"})) {
    const Json number = target_port(port, pod);
    if (number.is_null()) continue;
    Json open = {{"name", port.value("name", "")},
                 {"protocol", port.value("protocol", "TCP")},
                 {"port", number}};
    if (port.contains("appProtocol")) open["appProtocol"] = port["appProtocol"];
    ports.push_back(std::move(open));
  }
  return ports;
}

Json endpoint_of(const ApiObject& pod, bool publish_not_ready) {
  const bool terminating = pod.deleting();
  const bool serving = pod_is_ready(pod.body);
  Json endpoint = {
      {"addresses", Json::array({text_at(pod.body, {"status", "podIP"})})},
      {"conditions",
       {{"ready", publish_not_ready || (serving && !terminating)},
        {"serving", serving || publish_not_ready},
        {"terminating", terminating}}},
      {"targetRef",
       {{"kind", "Pod"}, {"namespace", pod.name_space}, {"name", pod.name}, {"uid", pod.uid}}}};
  if (const std::string node = text_at(pod.body, {"spec", "nodeName"}); !node.empty()) {
    endpoint["nodeName"] = node;
  }
  return endpoint;
}

Json slice_metadata(const ApiObject& service) {
  Json labels = object_at(service.body, {"metadata", "labels"});
  labels["kubernetes.io/service-name"] = service.name;
  labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
  if (text_at(service.body, {"spec", "clusterIP"}) == "None") {
    labels["service.kubernetes.io/headless"] = "";
  }
  return {{"generateName", service.name + "-"},
          {"namespace", service.name_space},
          {"labels", labels},
          {"ownerReferences", Json::array({{{"apiVersion", "v1"},
                                            {"kind", "Service"},
                                            {"name", service.name},
                                            {"uid", service.uid},
                                            {"controller", true},
                                            {"blockOwnerDeletion", true}}})}};
}

}  // namespace

bool pod_is_ready(const Json& pod) {
  const Json& conditions = list_at(pod, {"status", "conditions"});
  return std::any_of(conditions.begin(), conditions.end(), [](const Json& condition) {
    return text_at(condition, {"type"}) == "Ready" && text_at(condition, {"status"}) == "True";
  });
}

EndpointController::EndpointController(ApiStore& store, ApiServer& api, Agenda& agenda,
                                       Millis delay)
    : store_(store), api_(api), agenda_(agenda), delay_(delay) {
  store_.observe([this](const ApiChange& change) { note(change); });
}

void EndpointController::look_again() {
  pods_.clear();
  services_.clear();
  slices_.clear();
  for (const auto id : {ApiKindId::EndpointSlice, ApiKindId::Service, ApiKindId::Pod}) {
    for (const auto& [key, object] : store_.all(id)) {
      note({ApiChangeType::Added, object->version, nullptr, object});
    }
  }
}

void EndpointController::note(const ApiChange& change) {
  const ApiObject& object = change.object();
  const bool gone = change.type == ApiChangeType::Deleted;
  if (object.kind->id == ApiKindId::Pod) {
    if (change.before != nullptr) note_pod(*change.before, true);
    if (!gone) note_pod(object, false);
  } else if (object.kind->id == ApiKindId::Service) {
    if (change.before != nullptr) note_service(*change.before, true);
    if (!gone) note_service(object, false);
  } else if (object.kind->id == ApiKindId::EndpointSlice) {
    for (const Json& owner : list_at(object.body, {"metadata", "ownerReferences"})) {
      if (gone) {
        slices_.erase(text_at(owner, {"uid"}));
      } else {
        slices_[text_at(owner, {"uid"})] = object.name;
      }
      mark(object.name_space + "/" + text_at(owner, {"name"}));
    }
  }
}

void EndpointController::note_pod(const ApiObject& pod, bool gone) {
  for (const auto& [label, value] : object_at(pod.body, {"metadata", "labels"}).items()) {
    const std::string key = index_key(pod.name_space, label, value);
    if (!gone) {
      pods_[key].insert(pod.key());
    } else if (pods_[key].erase(pod.key()) > 0 && pods_[key].empty()) {
      pods_.erase(key);
    }
    const auto found = services_.find(key);
    if (found == services_.end()) continue;
    for (const std::string& service : found->second) mark(service);
  }
}

void EndpointController::note_service(const ApiObject& service, bool gone) {
  const std::string key = selector_key(service);
  if (key.empty()) return;
  if (gone) {
    if (services_[key].erase(service.key()) > 0 && services_[key].empty()) services_.erase(key);
    return;
  }
  services_[key].insert(service.key());
  mark(service.key());
}

void EndpointController::mark(const std::string& service) {
  marked_.insert(service);
  if (work_due_) return;
  work_due_ = true;
  agenda_.after(delay_, [this](Time now) { work(now); });
}

void EndpointController::work(Time now) {
  work_due_ = false;
  std::set<std::string> marked;
  marked.swap(marked_);
  for (const std::string& key : marked) {
    const auto slash = key.find('/');
    const auto service =
        store_.find(ApiKindId::Service, key.substr(0, slash), key.substr(slash + 1));
    if (service != nullptr && !service->deleting()) update(now, *service);
  }
}

std::set<std::string> EndpointController::selected_pods(const ApiObject& service) const {
  const Json& selector = object_at(service.body, {"spec", "selector"});
  std::set<std::string> selected;
  const auto candidates = pods_.find(selector_key(service));
  if (candidates == pods_.end()) return selected;
  for (const std::string& key : candidates->second) {
    const auto found = store_.all(ApiKindId::Pod).find(key);
    if (found == store_.all(ApiKindId::Pod).end()) continue;
    if (selects(selector, object_at(found->second->body, {"metadata", "labels"}))) {
      selected.insert(key);
    }
  }
  return selected;
}

Json EndpointController::endpoints_of(const ApiObject& service) const {
  const bool publish = true_at(service.body, {"spec", "publishNotReadyAddresses"});
  Json endpoints = Json::array();
  for (const std::string& key : selected_pods(service)) {
    const ApiObject& pod = *store_.all(ApiKindId::Pod).at(key);
    const std::string phase = text_at(pod.body, {"status", "phase"});
    if (text_at(pod.body, {"status", "podIP"}).empty()) continue;
    if (phase == "Succeeded" || phase == "Failed") continue;
    endpoints.push_back(endpoint_of(pod, publish));
  }
  return endpoints;
}

void EndpointController::update(Time now, const ApiObject& service) {
  if (selector_key(service).empty()) return;
  const std::set<std::string> pods = selected_pods(service);
  const Json endpoints = endpoints_of(service);
  const Json none;
  const Json& example = pods.empty() ? none : store_.all(ApiKindId::Pod).at(*pods.begin())->body;
  const Json ports = slice_ports(service, example);
  const auto slice_name = slices_.find(service.uid);
  const ApiObjectPtr slice =
      slice_name == slices_.end()
          ? nullptr
          : store_.find(ApiKindId::EndpointSlice, service.name_space, slice_name->second);
  const ApiKind& kind = api_kind(ApiKindId::EndpointSlice);
  if (slice == nullptr) {
    api_.create(now, kind,
                {{"apiVersion", kind.served[0].text()},
                 {"kind", kind.kind},
                 {"metadata", slice_metadata(service)},
                 {"addressType", "IPv4"},
                 {"endpoints", endpoints},
                 {"ports", ports}});
    return;
  }
  Json body = slice->body;
  body["metadata"]["labels"] = slice_metadata(service)["labels"];
  if (body["endpoints"] != endpoints || body["ports"] != ports) {
    body["metadata"]["generation"] = number_at(body, {"metadata", "generation"}, 0) + 1;
  }
  body["endpoints"] = endpoints;
  body["ports"] = ports;
  api_.replace(*slice, std::move(body));
}

}  // namespace raycord

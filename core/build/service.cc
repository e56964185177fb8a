#include "core/build/service.h"

#include <algorithm>
#include <map>

#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/pod_labels.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_service.h"
#include "core/names.h"

namespace raycord {
namespace {

using Ports = std::map<std::string, std::int64_t>;  // by name, so always in the same order

constexpr std::int64_t kMetricsPort = 8080;

// What the head's Ray container declares; all that Ray listens on if it declares nothing.
Ports head_ports(const RayClusterView& cluster) {
  Ports ports;
  for (const Json& port : items_at(ray_container(cluster.head_group()), {"ports"})) {
    const std::int64_t number = whole_at(port, {"containerPort"}).value_or(0);
    const std::string name = text_at(port, {"name"});
    ports[name.empty() ? std::to_string(number) + "-port" : name] = number;
  }
  if (ports.empty()) {
    ports = {{"client", 10001}, {"dashboard", 8265}, {"gcs-server", 6379}, {"serve", 8000}};
  }
  ports.emplace("metrics", kMetricsPort);
  return ports;
}

Ports serve_ports(const RayClusterView& cluster) {
  Ports ports = head_ports(cluster);
  std::erase_if(ports, [](const auto& port) {
    return port.first != "serve" && port.first.substr(0, 6) != "serve-";
  });
  return ports;
}

Json port_list(const Ports& ports, bool app_protocol) {
  Json list = Json::array();
  for (const auto& [name, number] : ports) {
    Json port = {{"name", name}, {"port", number}};
    if (app_protocol) port["appProtocol"] = "tcp";
    list.push_back(std::move(port));
  }
  return list;
}

bool by_name(const Json& left, const Json& right) {
  return text_at(left, {"name"}) < text_at(right, {"name"});
}

bool clashes(const Json& left, const Json& right) {
  return text_at(left, {"name"}) == text_at(right, {"name"}) ||
         (whole_at(left, {"port"}) == whole_at(right, {"port"}) &&
          text_at(left, {"protocol"}, "TCP") == text_at(right, {"protocol"}, "TCP"));
}

// The user's ports, and ours where they don't stand in each other's way: the API server would
// refuse the whole Service.
Json joined_ports(const Json& users, const Json& ours) {
  Json ports = users;
  for (const Json& port : ours) {
    const bool taken = std::any_of(users.begin(), users.end(),
                                   [&](const Json& user) { return clashes(user, port); });
    if (!taken) ports.push_back(port);
  }
  std::stable_sort(ports.begin(), ports.end(), by_name);
  return ports;
}

void set_labels(Json& object, const Labels& labels) {
  for (const auto& [key, value] : labels) set_label(object, key, value);
}

void set_annotations(Json& object, const Labels& annotations) {
  for (const auto& [key, value] : annotations) {
    if (key != kIntentAnnotation) set_annotation(object, key, value);
  }
}

// The part of a head Service that is the same for the cluster's own and the RayService's.
Json head_service_spec(const RayClusterView& cluster, const BuildOptions& options) {
  const Json& head = cluster.head_group();
  const std::string type = text_at(head, {"serviceType"});
  Json ports = port_list(head_ports(cluster), true);
  Json spec;
  if (find(head, {"headService"})) {
    spec = object_at(head, {"headService", "spec"});
    spec["ports"] = joined_ports(items_at(spec, {"ports"}), ports);
    if (text_at(spec, {"type"}).empty() && !type.empty()) spec["type"] = type;
  } else {
    spec["ports"] = std::move(ports);
    if (!type.empty()) spec["type"] = type;
    if (type.empty() || type == "ClusterIP") {
      spec["publishNotReadyAddresses"] = true;
      if (options.headless_head_service) spec["clusterIP"] = "None";
    }
  }
  spec["selector"] = head_selector(cluster, options);
  return spec;
}

OwnerReference owner_of(const RayClusterView& cluster) {
  return {"RayCluster", cluster.name, cluster.name_space, cluster.uid};
}

Labels origin_labels(const std::string& name, std::string_view kind) {
  return {{std::string(kOriginNameLabel), name},
          {std::string(kOriginKindLabel), std::string(kind)}};
}

Result<std::string> no_serve_port(const RayClusterView& cluster) {
  return fail(ErrorCode::InvalidInput,
              "RayCluster " + cluster.name_space + "/" + cluster.name +
                  ": spec.headGroupSpec.template.spec.containers[0].ports has no port named serve "
                  "or serve-*; name one, or declare no ports at all for the defaults");
}

// Ports of a Service that the user wrote: exactly our names, with the user's definition where there
// is one; the user's own if we have none.
Json serve_port_list(const Ports& ours, const Json& users) {
  if (ours.empty()) return users;
  Json ports = port_list(ours, false);
  for (Json& port : ports) {
    for (const Json& user : users) {
      if (text_at(user, {"name"}) == text_at(port, {"name"})) port = user;
    }
  }
  return ports;
}

}  // namespace

Result<std::string> build_cluster_head_service(std::string_view ray_cluster,
                                               const std::string& intent,
                                               const BuildOptions& options) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Json& head = cluster->head_group();
  Json service = new_object("v1", "Service", cluster->head_service(), owner_of(*cluster), intent);
  const std::string app_name =
      text_at(head, {"template", "metadata", "labels", kAppNameLabel}, kAppName);
  set_labels(service, texts_at(head, {"headService", "metadata", "labels"}));
  set_labels(service, {{std::string(kClusterLabel), cluster->name},
                       {std::string(kNodeTypeLabel), "head"},
                       {std::string(kIdentifierLabel), checked_label(cluster->name + "-head")},
                       {std::string(kAppNameLabel), app_name},
                       {std::string(kAppCreatorLabel), std::string(kAppCreator)}});
  set_annotations(service, texts_at(head, {"headService", "metadata", "annotations"}));
  set_annotations(service, texts_at(cluster->spec(), {"headServiceAnnotations"}));
  service["spec"] = head_service_spec(*cluster, options);
  return dump(service);
}

Result<std::string> build_headless_worker_service(std::string_view ray_cluster,
                                                  const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  Json service =
      new_object("v1", "Service", headless_service_name(cluster->name), owner_of(*cluster), intent);
  set_label(service, kHeadlessServiceLabel, cluster->name);
  const Labels selector = {{std::string(kClusterLabel), cluster->name},
                           {std::string(kNodeTypeLabel), "worker"}};
  service["spec"] = {{"type", "ClusterIP"},
                     {"clusterIP", "None"},
                     {"publishNotReadyAddresses", true},
                     {"selector", selector}};
  return dump(service);
}

Result<std::string> build_cluster_serve_service(std::string_view ray_cluster,
                                                const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Ports ports = serve_ports(*cluster);
  if (ports.empty()) return no_serve_port(*cluster);
  Json service =
      new_object("v1", "Service", serve_service_name(cluster->name), owner_of(*cluster), intent);
  set_labels(service, origin_labels(cluster->name, "RayCluster"));
  set_label(service, kServeLabel, cluster->name + "-serve");
  Json& spec = service["spec"];
  spec["ports"] = port_list(ports, false);
  spec["selector"] = Labels{{std::string(kClusterLabel), cluster->name}};
  const std::string type = text_at(cluster->head_group(), {"serviceType"});
  if (!type.empty()) spec["type"] = type;
  return dump(service);
}

Result<std::string> build_backend_service(std::string_view ray_service,
                                          std::string_view ray_cluster, const std::string& intent) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Ports ports = serve_ports(*cluster);
  if (ports.empty()) return no_serve_port(*cluster);
  Json object =
      new_object("v1", "Service", serve_service_name(cluster->name), owner_of(*cluster), intent);
  set_labels(object, origin_labels(cluster->name, "RayService"));
  set_label(object, kServeLabel, cluster->name + "-serve");
  Json& spec = object["spec"];
  spec["ports"] = port_list(ports, false);
  spec["selector"] =
      Labels{{std::string(kClusterLabel), cluster->name}, {std::string(kServeLabel), "true"}};
  const std::string type = text_at(service->cluster_config(), {"headGroupSpec", "serviceType"});
  if (!type.empty()) spec["type"] = type;
  return dump(object);
}

Result<std::string> build_service_head_service(std::string_view ray_service,
                                               std::string_view ray_cluster,
                                               const std::string& intent,
                                               const BuildOptions& options) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  Json object =
      new_object("v1", "Service", head_service_name(service->name), service->owner(), intent);
  set_labels(object, origin_labels(service->name, "RayService"));
  set_label(object, kNodeTypeLabel, "head");
  set_label(object, kIdentifierLabel, checked_label(service->name + "-head"));
  // As in KubeRay, headServiceAnnotations are for the cluster's own Service only: two Services with
  // the same annotation would fight for one load balancer or DNS name.
  set_annotations(object,
                  texts_at(cluster->head_group(), {"headService", "metadata", "annotations"}));
  object["spec"] = head_service_spec(*cluster, options);
  return dump(object);
}

Result<std::string> build_serve_service(std::string_view ray_service, std::string_view ray_cluster,
                                        const std::string& intent) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Json* custom = find(service->object, {"spec", "serveService"});
  const Ports ports = serve_ports(*cluster);
  if (ports.empty() && !custom) return no_serve_port(*cluster);

  const Json users = custom ? *custom : Json::object();
  const std::string chosen = text_at(users, {"metadata", "name"});
  Json object =
      new_object("v1", "Service", chosen.empty() ? serve_service_name(service->name) : chosen,
                 service->owner(), intent);
  set_labels(object, texts_at(users, {"metadata", "labels"}));
  set_labels(object, origin_labels(service->name, "RayService"));
  set_label(object, kServeLabel, service->name + "-serve");
  set_annotations(object, texts_at(users, {"metadata", "annotations"}));
  Json spec = object_at(users, {"spec"});
  spec["ports"] = serve_port_list(ports, items_at(spec, {"ports"}));
  spec["selector"] =
      Labels{{std::string(kClusterLabel), cluster->name}, {std::string(kServeLabel), "true"}};
  const std::string type = text_at(service->cluster_config(), {"headGroupSpec", "serviceType"});
  if (text_at(spec, {"type"}).empty() && !type.empty()) spec["type"] = type;
  object["spec"] = std::move(spec);
  return dump(object);
}

}  // namespace raycord

// The writing verbs of ApiServer, and what a write makes of an object.

#include <algorithm>
#include <utility>

#include "sandbox/api_defaults.h"
#include "sandbox/api_patch.h"
#include "sandbox/api_protobuf.h"
#include "sandbox/api_selectors.h"
#include "sandbox/api_server.h"
#include "sandbox/api_validation.h"

namespace raycord {
namespace {

// Fields of metadata that belong to the server: an update carries them over.
constexpr const char* kServerFields[] = {
    "uid",         "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "generation",  "resourceVersion",   "namespace",         "name",
    "generateName"};

HttpResponse object_response(int code, const ApiObject& object, const GroupVersion& at) {
  std::string body = at == object.kind->served[0] ? object.text()
                                                  : to_served(*object.kind, object.body, at).dump();
  return {code, {{"content-type", "application/json"}}, std::move(body)};
}

HttpResponse dry_response(int code, const ApiKind& kind, const Json& object,
                          const GroupVersion& at) {
  return json_response(code, to_served(kind, object, at));
}

bool dry_run(const ApiQuery& query) { return query_value(query, "dryRun") == "All"; }

bool changes_generation(const Json& before, const Json& after) {
  const auto without = [](Json object) {
    for (const char* key : {"metadata", "status", "apiVersion", "kind"}) object.erase(key);
    return object;
  };
  return without(before) != without(after);
}

// Reads the object in a body and checks that it is what the path says.
std::variant<Json, ApiFailure> read_object(const HttpRequest& request, const ApiPath& path) {
  const std::string type = find_header(request.headers, "content-type").value_or("");
  const bool protobuf = type.find("protobuf") != std::string::npos;
  auto sent = protobuf ? read_protobuf_object(request.body) : parse_json(request.body);
  if (type.find("yaml") != std::string::npos || (protobuf && !sent)) {
    return ApiFailure{415, "UnsupportedMediaType",
                      "the sandbox reads this kind as application/json, not as " + type, nullptr};
  }
  if (!sent || !sent->is_object()) return bad_request("the body is not a JSON object");
  const std::string version = text_at(*sent, {"apiVersion"});
  const std::string kind = text_at(*sent, {"kind"});
  if (version.empty() != kind.empty() || (!kind.empty() && kind != path.kind->kind) ||
      (!version.empty() && version != path.at.text())) {
    return bad_request("the object's apiVersion and kind (" + version + ", " + kind +
                       ") do not match the path's (" + path.at.text() + ", " + path.kind->kind +
                       ")");
  }
  (*sent)["apiVersion"] = path.at.text();
  if (!sent->contains("metadata") || !(*sent)["metadata"].is_object()) {
    (*sent)["metadata"] = Json::object();
  }
  const std::string name_space = text_at(*sent, {"metadata", "namespace"});
  if (!name_space.empty() && name_space != path.name_space) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on "
        "the request");
  }
  const std::string name = text_at(*sent, {"metadata", "name"});
  if (!path.name.empty() && name != path.name) {
    return bad_request("the name of the object (" + name +
                       ") does not match the name on the URL (" + path.name + ")");
  }
  if (path.kind->namespaced) (*sent)["metadata"]["namespace"] = path.name_space;
  return to_stored(*path.kind, std::move(*sent));
}

bool held_by_finalizers(const Json& object) {
  return !list_at(object, {"metadata", "finalizers"}).empty();
}

}  // namespace

ApiServer::Prepared ApiServer::prepare_new(Time now, const ApiKind& kind, Json sent) {
  Json& metadata = sent["metadata"];
  for (const char* field :
       {"uid", "creationTimestamp", "deletionTimestamp", "selfLink", "deletionGracePeriodSeconds",
        "generation", "resourceVersion", "managedFields"}) {
    metadata.erase(field);
  }
  const std::string prefix = text_at(metadata, {"generateName"});
  if (text_at(metadata, {"name"}).empty() && !prefix.empty()) {
    constexpr std::size_t kPrefixMax = 58;  // A name with its five random letters is a DNS label.
    metadata["name"] = prefix.substr(0, kPrefixMax) + chance_.name_suffix();
  }
  metadata["creationTimestamp"] = to_rfc3339(now);
  metadata["uid"] = chance_.uid();
  if (kind.counts_generation) metadata["generation"] = 1;
  if (kind.has_status) sent.erase("status");
  apply_defaults(kind, sent);
  if (auto refusal = validate_object(kind, sent)) return *refusal;
  if (Json status = first_status(kind, sent); !status.is_null()) sent["status"] = status;
  return sent;
}

std::optional<ApiFailure> ApiServer::check_namespace(const ApiKind& kind,
                                                     const std::string& name) const {
  if (!kind.namespaced) return {};
  const ApiObjectPtr found = store_.find(ApiKindId::Namespace, "", name);
  if (found == nullptr) return not_found(api_kind(ApiKindId::Namespace), name);
  if (!found->deleting()) return {};
  return ApiFailure{
      403, "Forbidden",
      "unable to create new content in namespace " + name + " because it is being terminated",
      nullptr};
}

// The ServiceAccount admission of pods; "default" is made by a controller in every namespace.
std::optional<ApiFailure> ApiServer::check_account(const ApiKind& kind, const Json& object) const {
  const std::string account = text_at(object, {"spec", "serviceAccountName"});
  if (kind.id != ApiKindId::Pod || account.empty() || account == "default") return {};
  const std::string name_space = text_at(object, {"metadata", "namespace"});
  if (store_.find(ApiKindId::ServiceAccount, name_space, account) != nullptr) return {};
  return ApiFailure{403, "Forbidden",
                    "pods \"" + text_at(object, {"metadata", "name"}) +
                        "\" is forbidden: error looking up service account " + name_space + "/" +
                        account + ": serviceaccount \"" + account + "\" not found",
                    nullptr};
}

void ApiServer::assign_addresses(Json& service, const Json* before) {
  Json& spec = service["spec"];
  const std::string type = text_at(spec, {"type"});
  if (type == "ExternalName") return;
  if (before != nullptr) {
    for (const char* field : {"clusterIP", "clusterIPs", "healthCheckNodePort"}) {
      const Json* old = look(*before, {"spec", field});
      if (old != nullptr) set_default(spec, field, *old);
    }
  }
  if (text_at(spec, {"clusterIP"}).empty()) {
    spec["clusterIP"] = service_ips_.take();
  } else {
    service_ips_.reserve(text_at(spec, {"clusterIP"}));
  }
  set_default(spec, "clusterIPs", Json::array({spec["clusterIP"]}));
  if (type != "NodePort" && type != "LoadBalancer") return;
  for (Json& port : spec["ports"]) {
    if (number_at(port, {"nodePort"}, 0) == 0) port["nodePort"] = next_node_port_++;
  }
}

std::variant<ApiObjectPtr, ApiFailure> ApiServer::create(Time now, const ApiKind& kind,
                                                         Json object) {
  if (auto refusal = check_namespace(kind, text_at(object, {"metadata", "namespace"}))) {
    return *refusal;
  }
  Prepared prepared = prepare_new(now, kind, std::move(object));
  if (const auto* refusal = std::get_if<ApiFailure>(&prepared)) return *refusal;
  Json& body = *std::get_if<Json>(&prepared);
  const std::string name = text_at(body, {"metadata", "name"});
  if (store_.find(kind.id, text_at(body, {"metadata", "namespace"}), name) != nullptr) {
    return already_exists(kind, name);
  }
  if (auto refusal = check_account(kind, body)) return *refusal;
  if (kind.id == ApiKindId::Service) assign_addresses(body, nullptr);
  return store_.put(kind.id, std::move(body));
}

HttpResponse ApiServer::post(Time now, const HttpRequest& request, const ApiPath& path,
                             const ApiQuery& query) {
  if (path.subresource == "binding") {
    const auto binding = parse_json(request.body);
    if (!binding) return failure_response(bad_request("the body is not JSON"));
    return bind_pod(path, *binding);
  }
  if (!path.name.empty()) {
    return failure_response({405, "MethodNotAllowed",
                             "the server does not allow this method on the requested resource",
                             Json::object()});
  }
  auto sent = read_object(request, path);
  if (const auto* refusal = std::get_if<ApiFailure>(&sent)) return failure_response(*refusal);
  if (!text_at(*std::get_if<Json>(&sent), {"metadata", "resourceVersion"}).empty()) {
    return failure_response(
        bad_request("resourceVersion should not be set on objects to be created"));
  }
  if (dry_run(query)) {
    Prepared prepared = prepare_new(now, *path.kind, *std::get_if<Json>(&sent));
    if (const auto* refusal = std::get_if<ApiFailure>(&prepared)) return failure_response(*refusal);
    const Json& body = *std::get_if<Json>(&prepared);
    if (store_.find(path.kind->id, path.name_space, text_at(body, {"metadata", "name"}))) {
      return failure_response(already_exists(*path.kind, text_at(body, {"metadata", "name"})));
    }
    return dry_response(201, *path.kind, body, path.at);
  }
  auto created = create(now, *path.kind, std::move(*std::get_if<Json>(&sent)));
  if (const auto* refusal = std::get_if<ApiFailure>(&created)) return failure_response(*refusal);
  return object_response(201, **std::get_if<ApiObjectPtr>(&created), path.at);
}

HttpResponse ApiServer::bind_pod(const ApiPath& path, const Json& binding) {
  const ApiObjectPtr pod = store_.find(ApiKindId::Pod, path.name_space, path.name);
  if (pod == nullptr) return failure_response(not_found(*path.kind, path.name));
  if (!text_at(pod->body, {"spec", "nodeName"}).empty()) {
    return failure_response({409, "Conflict",
                             "Operation cannot be fulfilled on pods/binding \"" + path.name +
                                 "\": pod " + path.name + " is already assigned to node \"" +
                                 text_at(pod->body, {"spec", "nodeName"}) + "\"",
                             nullptr});
  }
  Json body = pod->body;
  body["spec"]["nodeName"] = text_at(binding, {"target", "name"});
  replace(*pod, std::move(body));
  return json_response(201, {{"kind", "Status"},
                             {"apiVersion", "v1"},
                             {"metadata", Json::object()},
                             {"status", "Success"},
                             {"code", 201}});
}

// What the object becomes when `sent`, in its stored version, is written over it.
ApiServer::Prepared ApiServer::prepare_update(const ApiObject& current, Json sent,
                                              const std::string& subresource) {
  const ApiKind& kind = *current.kind;
  const Json& old = current.body;
  if (!sent.contains("metadata") || !sent["metadata"].is_object()) {
    sent["metadata"] = Json::object();
  }
  const std::string uid = text_at(sent, {"metadata", "uid"});
  if (!uid.empty() && uid != current.uid) {
    return uid_mismatch(kind, current.name, uid, current.uid);
  }
  const std::string version = text_at(sent, {"metadata", "resourceVersion"});
  if (!version.empty() && version != std::to_string(current.version)) {
    return object_modified(kind, current.name);
  }
  if (subresource == "status") {
    Json body = old;
    if (sent.contains("status")) {
      body["status"] = sent["status"];
    } else {
      body.erase("status");
    }
    return body;
  }
  if (kind.has_status) {
    sent.erase("status");
    if (old.contains("status")) sent["status"] = old["status"];
  }
  for (const char* field : kServerFields) {
    sent["metadata"].erase(field);
    if (const Json* kept = look(old, {"metadata", field})) sent["metadata"][field] = *kept;
  }
  sent["metadata"].erase("managedFields");
  for (const char* field : {"labels", "annotations", "finalizers", "ownerReferences"}) {
    const Json* emptied = look(sent, {"metadata", field});
    if (emptied != nullptr && emptied->empty()) sent["metadata"].erase(field);
  }
  apply_defaults(kind, sent);
  if (kind.id == ApiKindId::Service) assign_addresses(sent, &old);
  if (auto refusal = validate_object(kind, sent)) return *refusal;
  if (auto refusal = validate_change(kind, old, sent)) return *refusal;
  if (kind.counts_generation && changes_generation(old, sent)) {
    sent["metadata"]["generation"] = number_at(old, {"metadata", "generation"}, 0) + 1;
  }
  return sent;
}

ApiObjectPtr ApiServer::replace(const ApiObject& current, Json body) {
  if (body == current.body) return store_.find(current.kind->id, current.name_space, current.name);
  return store_.put(current.kind->id, std::move(body));
}

// An object that waits only for its finalizers goes with the last of them.
ApiObjectPtr ApiServer::commit_update(const ApiObject& current, Json body) {
  ApiObjectPtr written = replace(current, std::move(body));
  const bool waits = number_at(written->body, {"metadata", "deletionGracePeriodSeconds"}, 0) > 0;
  const bool empties = written->kind->id == ApiKindId::Namespace;
  if (written->deleting() && !waits && !empties && !held_by_finalizers(written->body)) {
    store_.erase(*written);
  }
  return written;
}

HttpResponse ApiServer::put(Time, const HttpRequest& request, const ApiPath& path,
                            const ApiQuery& query) {
  if (path.name.empty()) return failure_response(bad_request("PUT needs the name of an object"));
  auto sent = read_object(request, path);
  if (const auto* refusal = std::get_if<ApiFailure>(&sent)) return failure_response(*refusal);
  const ApiObjectPtr current = store_.find(path.kind->id, path.name_space, path.name);
  if (current == nullptr) return failure_response(not_found(*path.kind, path.name));
  Prepared prepared =
      prepare_update(*current, std::move(*std::get_if<Json>(&sent)), path.subresource);
  if (const auto* refusal = std::get_if<ApiFailure>(&prepared)) return failure_response(*refusal);
  Json& body = *std::get_if<Json>(&prepared);
  if (dry_run(query)) return dry_response(200, *path.kind, body, path.at);
  return object_response(200, *commit_update(*current, std::move(body)), path.at);
}

HttpResponse ApiServer::patch(Time, const HttpRequest& request, const ApiPath& path,
                              const ApiQuery& query) {
  const std::string type = find_header(request.headers, "content-type").value_or("");
  if (type.starts_with("application/apply-patch")) {
    return failure_response(not_simulated("server-side apply"));
  }
  const ApiObjectPtr current = store_.find(path.kind->id, path.name_space, path.name);
  if (current == nullptr) return failure_response(not_found(*path.kind, path.name));
  const auto change = parse_json(request.body);
  if (!change) return failure_response(bad_request("the patch is not JSON"));
  const Json shown = to_served(*path.kind, current->body, path.at);
  Result<Json> patched = fail(ErrorCode::Unsupported, "");
  if (type.starts_with("application/json-patch+json")) {
    patched = apply_json_patch(shown, *change);
  } else if (type.starts_with("application/merge-patch+json")) {
    patched = apply_merge_patch(shown, *change);
  } else if (type.starts_with("application/strategic-merge-patch+json") &&
             path.at.group != "ray.io") {
    patched = apply_strategic_patch(shown, *change);
  } else {
    return failure_response({415, "UnsupportedMediaType",
                             "the body of the request was in an unknown format - accepted media "
                             "types include: application/json-patch+json, "
                             "application/merge-patch+json",
                             nullptr});
  }
  if (!patched) {
    return failure_response({422, "Invalid",
                             "the server rejected our request due to an error in "
                             "our request: " +
                                 patched.error().message,
                             Json::object()});
  }
  if (!patched->is_object() || text_at(*patched, {"metadata", "name"}) != path.name) {
    return failure_response(bad_request("a patch may not change the name of the object"));
  }
  Prepared prepared =
      prepare_update(*current, to_stored(*path.kind, std::move(*patched)), path.subresource);
  if (const auto* refusal = std::get_if<ApiFailure>(&prepared)) return failure_response(*refusal);
  Json& body = *std::get_if<Json>(&prepared);
  if (dry_run(query)) return dry_response(200, *path.kind, body, path.at);
  return object_response(200, *commit_update(*current, std::move(body)), path.at);
}

}  // namespace raycord

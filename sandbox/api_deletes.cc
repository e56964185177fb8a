// The deleting verbs of ApiServer: grace, finalizers, preconditions, propagation.

#include <algorithm>
#include <charconv>
#include <utility>

#include "sandbox/api_server.h"

namespace raycord {
namespace {

Json success_body(const ApiObject& object) {
  Json details = {{"name", object.name}, {"kind", object.kind->plural}, {"uid", object.uid}};
  if (!object.kind->served[0].group.empty()) details["group"] = object.kind->served[0].group;
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", Json::object()},
          {"status", "Success"},
          {"details", details}};
}

bool held_by_finalizers(const Json& object) {
  return !list_at(object, {"metadata", "finalizers"}).empty();
}

std::int64_t grace_of(const ApiObject& object, const std::optional<std::int64_t>& asked) {
  if (object.kind->id != ApiKindId::Pod) return 0;
  if (asked) return std::max<std::int64_t>(0, *asked);
  return number_at(object.body, {"spec", "terminationGracePeriodSeconds"}, 30);
}

// No kubelet has seen it, or all its containers ended: nothing to wait for.
bool pod_is_idle(const ApiObject& pod) {
  const std::string phase = text_at(pod.body, {"status", "phase"});
  return text_at(pod.body, {"spec", "nodeName"}).empty() || phase == "Succeeded" ||
         phase == "Failed";
}

std::optional<std::int64_t> parse_grace(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The options come in the body, and some of them in the query.
std::optional<Json> deletion_options(const HttpRequest& request) {
  if (request.body.empty()) return Json::object();
  auto options = parse_json(request.body);
  if (!options || !options->is_object()) return {};
  return options;
}

}  // namespace

void ApiServer::begin_removal(Time now, const ApiObject& object, const Deletion& deletion) {
  Json body = object.body;
  Json& metadata = body["metadata"];
  if (deletion.propagation == "Orphan" || deletion.propagation == "Foreground") {
    const char* finalizer = deletion.propagation == "Orphan" ? "orphan" : "foregroundDeletion";
    const Json& held = list_at(metadata, {"finalizers"});
    if (std::find(held.begin(), held.end(), Json(finalizer)) == held.end()) {
      metadata["finalizers"].push_back(finalizer);
    }
  }
  std::int64_t grace = grace_of(object, deletion.grace);
  if (object.kind->id == ApiKindId::Pod && pod_is_idle(object)) grace = 0;
  if (object.kind->id == ApiKindId::Namespace) {
    if (object.deleting()) return;
    body["status"]["phase"] = "Terminating";
  } else if (grace == 0 && !held_by_finalizers(body)) {
    store_.erase(object);
    return;
  }
  const std::int64_t promised = number_at(body, {"metadata", "deletionGracePeriodSeconds"}, -1);
  if (promised >= 0 && promised <= grace) {  // A second deletion can only shorten the first.
    replace(object, std::move(body));
    return;
  }
  metadata["deletionTimestamp"] = to_rfc3339(now + std::chrono::seconds(grace));
  metadata["deletionGracePeriodSeconds"] = grace;
  if (object.kind->counts_generation) {
    metadata["generation"] = number_at(metadata, {"generation"}, 0) + 1;
  }
  replace(object, std::move(body));
}

void ApiServer::remove(Time now, const ApiObject& object) { begin_removal(now, object, {}); }

void ApiServer::finish_removal(const ApiObject& object) {
  if (!held_by_finalizers(object.body)) {
    store_.erase(object);
    return;
  }
  Json body = object.body;
  body["metadata"]["deletionGracePeriodSeconds"] = 0;
  replace(object, std::move(body));
}

HttpResponse ApiServer::remove_one(Time now, const HttpRequest& request, const ApiPath& path,
                                   const ApiQuery& query) {
  const auto options = deletion_options(request);
  if (!options) return failure_response(bad_request("the delete options are not a JSON object"));
  const ApiObjectPtr object = store_.find(path.kind->id, path.name_space, path.name);
  if (object == nullptr) return failure_response(not_found(*path.kind, path.name));
  Deletion deletion;
  if (const Json* grace = look(*options, {"gracePeriodSeconds"}); grace && grace->is_number()) {
    deletion.grace = grace->get<std::int64_t>();
  } else {
    deletion.grace = parse_grace(query_value(query, "gracePeriodSeconds"));
  }
  deletion.uid = text_at(*options, {"preconditions", "uid"});
  deletion.version = text_at(*options, {"preconditions", "resourceVersion"});
  deletion.propagation = text_at(*options, {"propagationPolicy"});
  if (deletion.propagation.empty()) deletion.propagation = query_value(query, "propagationPolicy");
  if (true_at(*options, {"orphanDependents"})) deletion.propagation = "Orphan";
  deletion.dry_run =
      query_value(query, "dryRun") == "All" || !list_at(*options, {"dryRun"}).empty();
  if (!deletion.uid.empty() && deletion.uid != object->uid) {
    return failure_response(uid_mismatch(*path.kind, path.name, deletion.uid, object->uid));
  }
  if (!deletion.version.empty() && deletion.version != std::to_string(object->version)) {
    return failure_response(
        {409, "Conflict",
         "Operation cannot be fulfilled on " + path.kind->resource() + " \"" + path.name +
             "\": the ResourceVersion in the precondition (" + deletion.version +
             ") does not match the ResourceVersion in record (" + std::to_string(object->version) +
             "). The object might have been modified",
         nullptr});
  }
  if (object->kind->id == ApiKindId::Namespace &&
      (path.name == "default" || path.name == "kube-system")) {
    return failure_response(
        {403, "Forbidden",
         "namespaces \"" + path.name + "\" is forbidden: this namespace may not be deleted",
         nullptr});
  }
  if (!deletion.dry_run) begin_removal(now, *object, deletion);
  const ApiObjectPtr left = store_.find(path.kind->id, path.name_space, path.name);
  if (left != nullptr && left->uid == object->uid) {
    return json_response(200, to_served(*path.kind, left->body, path.at));
  }
  if (path.kind->id == ApiKindId::Pod || path.kind->id == ApiKindId::Service) {
    return json_response(200, to_served(*path.kind, object->body, path.at));
  }
  return json_response(200, success_body(*object));
}

HttpResponse ApiServer::remove_many(Time now, const HttpRequest& request, const ApiPath& path,
                                    const ApiQuery& query) {
  const auto options = deletion_options(request);
  if (!options) return failure_response(bad_request("the delete options are not a JSON object"));
  if (path.kind->id == ApiKindId::Namespace) {
    return failure_response(not_simulated("deleting all namespaces at once"));
  }
  ApiListPage page;
  if (const auto refusal = select(path, query, page.items, page.version)) {
    return failure_response(*refusal);
  }
  Deletion deletion;
  if (const Json* grace = look(*options, {"gracePeriodSeconds"}); grace && grace->is_number()) {
    deletion.grace = grace->get<std::int64_t>();
  }
  deletion.propagation = text_at(*options, {"propagationPolicy"});
  for (const ApiObjectPtr& item : page.items) begin_removal(now, *item, deletion);
  page.version = store_.version();
  const ApiRendering whole{path.at, ApiView::Whole, ApiRowObject::None};
  return {200, {{"content-type", "application/json"}}, render_list(*path.kind, page, whole, now)};
}

}  // namespace raycord

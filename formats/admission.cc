#include "formats/admission.h"

#include <algorithm>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/check.h"
#include "formats/json_object.h"
#include "formats/ray_spec.h"
#include "formats/validation.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

constexpr const char* kReviewVersion = "admission.k8s.io/v1";
constexpr int kUnprocessable = 422;
// Names, values and paths are the user's: what is said of one object is no longer than its own
// manifest, but a list of hundreds helps nobody.
constexpr std::size_t kCausesMax = 20;

// KubeRay's operator takes such a cluster, and pods of both groups are one group's to it.
void check_group_names(const JsonObject& cluster, BrokenRules& broken) {
  std::set<std::string> seen;
  for (const JsonObject& group : cluster.objects("workerGroupSpecs")) {
    const std::string name = group.text("groupName");
    if (seen.insert(name).second) continue;
    broken.add(group.path_of("groupName"),
               "is " + quoted(name) + ": a name that no other group has is allowed");
  }
}

struct Verdict {
  std::vector<BrokenRule> broken;
  std::string unreadable;  // A field of a wrong type; empty: none.
};

Verdict judge(Kind kind, simdjson::dom::element object) {
  ReadTrouble trouble;
  const JsonObject root(object, "", trouble);
  const bool service = kind == Kind::RayService;
  Verdict verdict;
  verdict.broken = service ? broken_service_rules(root) : broken_cluster_rules(root);
  BrokenRules more;
  more.set_reason(service ? "InvalidRayServiceSpec" : "InvalidRayClusterSpec");
  const JsonObject spec = root.object("spec");
  check_group_names(service ? spec.object("rayClusterConfig") : spec, more);
  for (BrokenRule& rule : more.take()) verdict.broken.push_back(std::move(rule));
  verdict.unreadable = trouble.text;
  return verdict;
}

// What `before` had already is not this update's fault.
void forgive(Verdict& verdict, const Verdict& before) {
  std::erase_if(verdict.broken, [&](const BrokenRule& rule) {
    return std::find(before.broken.begin(), before.broken.end(), rule) != before.broken.end();
  });
  if (verdict.unreadable == before.unreadable) verdict.unreadable.clear();
}

Json cause_of(const BrokenRule& rule) {
  constexpr std::string_view kIs = "is ";  // kubectl writes "<field>: <message>".
  const std::string& rest = rule.rest;
  return {{"reason", "FieldValueInvalid"},
          {"field", rule.field},
          {"message", rest.starts_with(kIs) ? rest.substr(kIs.size()) : rest}};
}

Json refusal(Kind kind, const std::string& name, const Verdict& verdict) {
  std::string message = verdict.unreadable;
  Json causes = Json::array();
  for (const BrokenRule& rule : verdict.broken) {
    if (causes.size() == kCausesMax) break;
    message += (message.empty() ? "" : "; ") + rule.message();
    causes.push_back(cause_of(rule));
  }
  Json details = {{"group", "ray.io"}, {"kind", name_of(kind)}, {"name", name}};
  if (!verdict.unreadable.empty()) {
    causes.insert(causes.begin(),
                  {{"reason", "FieldValueTypeInvalid"}, {"message", verdict.unreadable}});
  }
  details["causes"] = std::move(causes);
  return {{"status", "Failure"},
          {"message", message},
          {"reason", "Invalid"},
          {"code", kUnprocessable},
          {"details", std::move(details)}};
}

Failure no_review(const std::string& why) {
  return fail(ErrorCode::InvalidInput, "no AdmissionReview to answer: " + why);
}

// Whether the request is of a sort that is not judged at all.
bool passes(const JsonObject& request, const JsonObject& object) {
  const std::string operation = request.text("operation");
  if (operation != "CREATE" && operation != "UPDATE") return true;
  if (!request.text("subResource").empty()) return true;
  if (!object.object("metadata").text("deletionTimestamp").empty()) return true;
  return !is_ours_to_manage(object.object("spec"));
}

Result<Json> answer(Kind kind, const JsonObject& request) {
  const JsonObject type = request.object("kind");
  if (type.text("group") != "ray.io" || type.text("kind") != name_of(kind)) {
    return no_review("request.kind is " + quoted(type.text("kind")) + " of group " +
                     quoted(type.text("group")) + ": here " + name_of(kind) +
                     " of ray.io is judged");
  }
  const std::string uid = request.text("uid");
  if (uid.empty()) return no_review("request.uid is empty");
  const bool judged =
      request.text("operation") == "CREATE" || request.text("operation") == "UPDATE";
  const auto object = request.find("object");
  if (judged && (!object || !object->is_object())) return no_review("request.object is no object");

  Json response = {{"uid", uid}, {"allowed", true}};
  ReadTrouble unread;
  if (!judged || passes(request, JsonObject(*object, "", unread))) return response;
  Verdict verdict = judge(kind, *object);
  const auto before = request.find("oldObject");
  if (before && before->is_object()) forgive(verdict, judge(kind, *before));
  if (verdict.broken.empty() && verdict.unreadable.empty()) return response;
  const JsonObject meta = JsonObject(*object, "", unread).object("metadata");
  response["allowed"] = false;
  response["status"] = refusal(kind, meta.text("name"), verdict);
  return response;
}

}  // namespace

Result<AdmissionAnswer> review_admission(Kind kind, std::string_view review) {
  CHECK(kind == Kind::RayService || kind == Kind::RayCluster);
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, review);
  if (!element) return no_review(element.error().message);
  if (!element->is_object()) return no_review(std::string("it is ") + type_name(*element));
  ReadTrouble trouble;
  const JsonObject root(*element, "", trouble);
  if (root.text("apiVersion") != kReviewVersion || root.text("kind") != "AdmissionReview") {
    return no_review(quoted(root.text("kind")) + " of " + quoted(root.text("apiVersion")) +
                     " is not AdmissionReview of " + quoted(kReviewVersion));
  }
  auto response = answer(kind, root.object("request"));
  if (!response) return fail(response.error());
  if (!trouble.text.empty()) return no_review(trouble.text);
  const bool allowed = (*response)["allowed"];
  const Json whole = {{"apiVersion", kReviewVersion},
                      {"kind", "AdmissionReview"},
                      {"response", std::move(*response)}};
  return AdmissionAnswer{allowed, whole.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace raycord

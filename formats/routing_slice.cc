// The Gateway and the HTTPRoute of a RayService (gateway.networking.k8s.io/v1).
//
// A condition counts only if it is about the object as it is: a controller that lags behind has
// said nothing about the weights of now.

#include <algorithm>
#include <string>

#include "formats/slice_parts.h"

namespace raycord {
namespace {

constexpr std::int32_t kWeightDefault = 1;

class Verdict {
 public:
  Verdict(const std::vector<Condition>& conditions, std::int64_t generation)
      : conditions_(conditions), generation_(generation) {}

  bool holds(const char* type) {
    const auto found = std::find_if(conditions_.begin(), conditions_.end(),
                                    [type](const Condition& c) { return c.type == type; });
    const bool known = found != conditions_.end();
    const bool current =
        known && (found->observed_generation == 0 || found->observed_generation >= generation_);
    if (current && found->status == "True") return true;
    if (!trouble_.empty()) return false;
    trouble_ = std::string(type) + (current ? " is " + found->status : " is not said yet");
    if (current && !found->reason.empty()) trouble_ += " (" + found->reason + ")";
    if (current && !found->message.empty()) trouble_ += ": " + found->message;
    return false;
  }

  const std::string& trouble() const { return trouble_; }

 private:
  const std::vector<Condition>& conditions_;
  std::int64_t generation_;
  std::string trouble_;
};

std::string parent_of(const JsonObject& reference, const Meta& meta) {
  const std::string kind = reference.text("kind");
  if (!kind.empty() && kind != "Gateway") return "";
  const std::string ns = reference.text("namespace");
  return (ns.empty() ? meta.ns : ns) + "/" + reference.text("name");
}

bool is_for_all_paths(const JsonObject& rule) {
  const std::vector<JsonObject> matches = rule.objects("matches");
  if (matches.size() > 1) return false;
  if (matches.empty()) return true;  // The API's default is the prefix /.
  const JsonObject& match = matches.front();
  if (match.has("headers") || match.has("queryParams") || match.has("method")) return false;
  const std::string type = match.object("path").text("type");
  const std::string value = match.object("path").text("value");
  return (type.empty() || type == "PathPrefix") && (value.empty() || value == "/");
}

void read_rule(const JsonObject& rule, const Meta& meta, RouteSlice& route) {
  route.plain = route.plain && is_for_all_paths(rule) && rule.objects("filters").empty();
  for (const JsonObject& from : rule.objects("backendRefs")) {
    RouteBackend backend;
    backend.service = from.text("name");
    const std::string ns = from.text("namespace");
    if (ns != meta.ns) backend.ns = ns;
    backend.port = from.small_integer("port").value_or(0);
    backend.weight = from.small_integer("weight").value_or(kWeightDefault);
    const std::string kind = from.text("kind");
    route.plain =
        route.plain && (kind.empty() || kind == "Service") && from.objects("filters").empty();
    route.backends.push_back(std::move(backend));
  }
}

}  // namespace

GatewaySlice slice_gateway(const JsonObject& root) {
  GatewaySlice gateway;
  gateway.meta = slice_meta(root);
  const JsonObject spec = root.object("spec");
  gateway.gateway_class = spec.text("gatewayClassName");
  for (const JsonObject& listener : spec.objects("listeners")) {
    gateway.listeners.push_back({listener.text("name"), listener.text("protocol"),
                                 listener.small_integer("port").value_or(0)});
  }
  const std::vector<Condition> conditions = slice_conditions(root.object("status"));
  Verdict verdict(conditions, gateway.meta.generation);
  gateway.accepted = verdict.holds("Accepted");
  gateway.programmed = verdict.holds("Programmed");
  gateway.trouble = verdict.trouble();
  return gateway;
}

RouteSlice slice_route(const JsonObject& root) {
  RouteSlice route;
  route.meta = slice_meta(root);
  const JsonObject spec = root.object("spec");
  const std::vector<JsonObject> parents = spec.objects("parentRefs");
  if (parents.size() == 1) route.gateway = parent_of(parents.front(), route.meta);
  const std::vector<JsonObject> rules = spec.objects("rules");
  route.plain = rules.size() == 1 && spec.texts("hostnames").empty();
  for (const JsonObject& rule : rules) read_rule(rule, route.meta, route);
  route.trouble = "no controller has taken it yet";
  for (const JsonObject& parent : root.object("status").objects("parents")) {
    if (parent_of(parent.object("parentRef"), route.meta) != route.gateway) continue;
    const std::vector<Condition> conditions = slice_conditions(parent);
    Verdict verdict(conditions, route.meta.generation);
    route.accepted = verdict.holds("Accepted");
    route.resolved = verdict.holds("ResolvedRefs");
    route.trouble = verdict.trouble();
  }
  return route;
}

}  // namespace raycord

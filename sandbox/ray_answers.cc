// What deployed applications answer: the two of Ray's guide, computed from the config that runs,
// and an echo for all others.

#include <algorithm>
#include <cctype>

#include "sandbox/ray_config.h"
#include "sandbox/ray_head.h"

namespace raycord {
namespace {

bool route_matches(const std::string& prefix, const std::string& path) {
  if (prefix.empty()) return false;
  if (prefix == "/" || path == prefix) return true;
  const std::string folder = prefix.back() == '/' ? prefix : prefix + "/";
  return path.starts_with(folder);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// The number in the user_config of the deployment whose name in capitals is `deployment`.
const Json* setting(const Json& app, const std::string& deployment, const char* key) {
  for (const Json& candidate : list_at(app, {"deployments"})) {
    if (upper(text_at(candidate, {"name"})) != deployment) continue;
    const Json* value = look(candidate, {"user_config", key});
    if (value != nullptr && value->is_number()) return value;
  }
  return nullptr;
}

Json multiply(const Json& left, const Json& right) {
  if (left.is_number_integer() && right.is_number_integer()) {
    return left.get<std::int64_t>() * right.get<std::int64_t>();
  }
  return left.get<double>() * right.get<double>();
}

Json add(const Json& left, const Json& right) {
  if (left.is_number_integer() && right.is_number_integer()) {
    return left.get<std::int64_t>() + right.get<std::int64_t>();
  }
  return left.get<double>() + right.get<double>();
}

// A driver of the DAG API answers in JSON, so text comes in quotes; other deployments answer
// plainly.
std::string text_answer(const Json& app, const std::string& text) {
  for (const Json& deployment : list_at(app, {"deployments"})) {
    if (text_at(deployment, {"name"}) == "DAGDriver") return Json(text).dump();
  }
  return text;
}

std::string answer_of(const std::string& name, const Json& app, const std::string& body) {
  const auto sent = parse_json(body);
  if (sent && sent->is_array() && sent->size() == 2 && (*sent)[0].is_string() &&
      (*sent)[1].is_number()) {
    const std::string word = (*sent)[0].get<std::string>();
    const Json& number = (*sent)[1];
    if (const Json* price = setting(app, word + "STAND", "price")) {
      return multiply(*price, number).dump();
    }
    if (const Json* factor = setting(app, "MULTIPLIER", "factor"); word == "MUL" && factor) {
      return text_answer(app, multiply(number, *factor).dump() + " pizzas please!");
    }
    if (const Json* increment = setting(app, "ADDER", "increment"); word == "ADD" && increment) {
      return text_answer(app, add(number, *increment).dump() + " pizzas please!");
    }
  }
  return Json({{"app", name}, {"config", app}}).dump();
}

}  // namespace

std::optional<std::string> RayHead::answer(Time now, const std::string& path,
                                           const std::string& body) {
  advance(now);
  const std::string* best = nullptr;
  std::size_t best_length = 0;
  for (const auto& [name, app] : apps_) {
    if (app.live.is_null()) continue;
    const std::string prefix = ray_route_prefix(app.live);
    if (!route_matches(prefix, path) || prefix.size() <= best_length) continue;
    best = &name;
    best_length = prefix.size();
  }
  if (best == nullptr) return std::nullopt;
  return answer_of(*best, apps_.at(*best).live, body);
}

Json RayHead::routes(Time now) {
  advance(now);
  Json routes = Json::object();
  for (const auto& [name, app] : apps_) {
    const std::string prefix = app.live.is_null() ? "" : ray_route_prefix(app.live);
    if (!prefix.empty()) routes[prefix] = name;
  }
  return routes;
}

}  // namespace raycord

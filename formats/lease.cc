#include "formats/lease.h"

#include <chrono>

#include <nlohmann/json.hpp>

#include "formats/json_object.h"

namespace raycord {
namespace {

using nlohmann::json;

// metav1.MicroTime wants exactly six digits.
std::string micro_time(Time time) {
  std::string text = to_rfc3339_millis(time);
  text.insert(text.size() - 1, "000");
  return text;
}

void apply_wish(json& lease, const LeaseWish& wish) {
  json& spec = lease["spec"];
  spec["holderIdentity"] = wish.holder;
  spec["leaseTransitions"] = wish.transitions;
  spec["leaseDurationSeconds"] =
      std::chrono::duration_cast<std::chrono::seconds>(wish.duration).count();
  spec["renewTime"] = micro_time(wish.renewed);
  if (wish.acquires) spec["acquireTime"] = micro_time(wish.renewed);
  for (const auto& [key, value] : wish.annotations) {
    lease["metadata"]["annotations"][key] = value;
  }
}

}  // namespace

Result<LeaseRecord> read_lease(std::string_view text) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, text);
  if (!element) return fail(ErrorCode::InvalidInput, "the Lease: " + element.error().message);
  ReadTrouble trouble;
  const JsonObject root(*element, "", trouble);
  const JsonObject metadata = root.object("metadata");
  const JsonObject spec = root.object("spec");
  LeaseRecord record;
  record.version = metadata.text("resourceVersion");
  record.annotations = metadata.text_map("annotations");
  record.holder = spec.text("holderIdentity");
  const std::int64_t transitions = spec.integer("leaseTransitions").value_or(0);
  record.transitions = transitions > 0 ? static_cast<std::uint64_t>(transitions) : 0;
  record.renewed = spec.text("renewTime");
  record.duration = std::chrono::seconds(spec.small_integer("leaseDurationSeconds").value_or(0));
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, "the Lease: " + trouble.text);
  if (root.text("kind") != "Lease") {
    return fail(ErrorCode::InvalidInput,
                "the answer is of kind \"" + root.text("kind") + "\", no Lease");
  }
  return record;
}

std::string lease_body(std::string_view ns, std::string_view name, const LeaseWish& wish) {
  json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                {"kind", "Lease"},
                {"metadata", {{"name", name}, {"namespace", ns}}}};
  apply_wish(lease, wish);
  return lease.dump();
}

Result<std::string> lease_body(std::string_view current, const LeaseWish& wish) {
  json lease = json::parse(current, nullptr, false);
  if (!lease.is_object() || !lease["metadata"].is_object()) {
    return fail(ErrorCode::InvalidInput, "the Lease is no JSON object with metadata");
  }
  json& spec = lease["spec"];
  if (!spec.is_object()) spec = json::object();
  json& annotations = lease["metadata"]["annotations"];
  if (!annotations.is_object()) annotations = json::object();
  apply_wish(lease, wish);
  return lease.dump();
}

}  // namespace raycord

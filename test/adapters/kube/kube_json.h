// JSON as the API server sends it, cut down to what a test looks at.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace raycord {

inline std::string pod_json(const std::string& name, std::uint64_t version,
                            const std::string& more = "") {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":")" + name +
         R"(","uid":"uid-)" + name + R"(","resourceVersion":")" + std::to_string(version) +
         R"(","labels":{"ray.io/cluster":"c","ray.io/node-type":"head"})" + more +
         R"(},"spec":{"containers":[{"name":"ray"}]}})";
}

inline std::string service_json(const std::string& name, std::uint64_t version,
                                const std::string& labels) {
  return R"({"apiVersion":"v1","kind":"Service","metadata":{"namespace":"default","name":")" +
         name + R"(","uid":"uid-)" + name + R"(","resourceVersion":")" + std::to_string(version) +
         R"(","labels":{)" + labels + R"(}},"spec":{}})";
}

inline std::string lease_json(const std::string& holder, int transitions, int version) {
  return R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"x",)"
         R"("labels":{"kept":"yes"},"resourceVersion":")" +
         std::to_string(version) + R"("},"spec":{"holderIdentity":")" + holder +
         R"(","leaseDurationSeconds":15,"leaseTransitions":)" + std::to_string(transitions) +
         R"(,"renewTime":"2026-01-01T00:00:00.000000Z"}})";
}

inline std::string list_json(const std::string& kind, std::uint64_t version,
                             const std::vector<std::string>& items,
                             const std::string& next_page = "") {
  std::string text = R"({"kind":")" + kind + R"(List","apiVersion":"v1","metadata":{)" +
                     R"("resourceVersion":")" + std::to_string(version) + R"(","continue":")" +
                     next_page + R"("},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text + "]}";
}

inline std::string line_json(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

inline std::string bookmark_json(std::uint64_t version) {
  return line_json("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":")" +
                                   std::to_string(version) + R"("}})");
}

inline std::string status_json(int code, const std::string& reason, const std::string& message,
                               const std::string& name = "") {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":{"name":")" + name + R"("},"code":)" +
         std::to_string(code) + "}";
}

}  // namespace raycord

// A sandbox on a test bench: requests in a line, and virtual time that tests move.

#pragma once

#include <string>
#include <vector>

#include "sandbox/json.h"
#include "sandbox/sandbox.h"

namespace raycord {

inline const Time kTestStart = *from_rfc3339("2026-01-02T03:04:05Z");

class Bench {
 public:
  explicit Bench(SandboxOptions options = {}) : sandbox(with_start(std::move(options))) {}

  SandboxReply raw(const std::string& method, const std::string& url, const std::string& body = "",
                   const std::string& type = "application/json", const std::string& accept = "") {
    HttpRequest request;
    request.method = method;
    request.url = url;
    request.body = body;
    if (!body.empty()) request.headers.push_back({"content-type", type});
    if (!accept.empty()) request.headers.push_back({"accept", accept});
    return sandbox.handle(now, request);
  }

  // The response, or one with status 0 when there is none.
  HttpResponse send(const std::string& method, const std::string& url, const std::string& body = "",
                    const std::string& type = "application/json", const std::string& accept = "") {
    const SandboxReply reply = raw(method, url, body, type, accept);
    const auto* response = std::get_if<HttpResponse>(&reply);
    return response == nullptr ? HttpResponse{} : *response;
  }

  HttpResponse post(const std::string& url, const Json& body) {
    return send("POST", url, body.dump());
  }
  HttpResponse merge(const std::string& url, const Json& patch) {
    return send("PATCH", url, patch.dump(), "application/merge-patch+json");
  }
  Json get(const std::string& url) {
    const HttpResponse response = send("GET", url);
    return response.status == 200 ? Json::parse(response.body) : Json();
  }

  std::uint64_t watch(const std::string& url) {
    const SandboxReply reply = raw("GET", url);
    const auto* opened = std::get_if<SandboxOpened>(&reply);
    return opened == nullptr ? 0 : opened->watch;
  }
  // What all watches said since the last call, parsed.
  std::vector<Json> events() {
    std::vector<Json> events;
    for (const Sandbox::Chunk& chunk : sandbox.take_chunks()) {
      ended = ended || chunk.end;
      std::size_t start = 0;
      while (start < chunk.bytes.size()) {
        const auto end = chunk.bytes.find('\n', start);
        events.push_back(Json::parse(chunk.bytes.substr(start, end - start)));
        start = end + 1;
      }
    }
    return events;
  }

  void pass(Millis time) {
    now += time;
    sandbox.advance(now);
  }

  static Json ray_pod(const std::string& name, const std::string& cluster,
                      const std::string& type) {
    Json pod = {
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata",
         {{"name", name}, {"labels", {{"ray.io/cluster", cluster}, {"ray.io/node-type", type}}}}},
        {"spec",
         {{"containers",
           Json::array({{{"name", "ray-" + type}, {"image", "rayproject/ray:2.52.0"}}})}}}};
    if (type == "worker") {
      pod["metadata"]["labels"]["ray.io/serve"] = "true";
      pod["spec"]["initContainers"] =
          Json::array({{{"name", "wait-gcs-ready"}, {"image", "rayproject/ray:2.52.0"}}});
    }
    return pod;
  }

  static constexpr const char* kPods = "/api/v1/namespaces/default/pods";
  static constexpr const char* kServices = "/api/v1/namespaces/default/services";
  static constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

  static Json config_map(const std::string& name) {
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}};
  }

  Time now = kTestStart;
  Sandbox sandbox;
  bool ended = false;  // Some stream has ended.

 private:
  static SandboxOptions with_start(SandboxOptions options) {
    options.start = kTestStart;
    return options;
  }
};

}  // namespace raycord

#include <utility>

#include "core/check.h"
#include "operator/metrics.h"
#include "test/conformance/platform.h"
#include "test/sim/promises.h"

namespace raycord {
namespace {

class VirtualPlatform : public Platform {
 public:
  explicit VirtualPlatform(const StageSetting& setting)
      : space_(setting.space), sim_(setting.options), promises_(sim_), begin_(sim_.now()) {
    sim_.set_frame_listener([this](const Frame& frame, const State&) { promises_.note(frame); });
    if (space_ == "default") return;
    const std::string body =
        R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")" + space_ + "\"}}";
    CHECK(sim_.request("POST", "/api/v1/namespaces", body).status == 201);
  }

  HttpResponse request(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& content_type, const std::string& accept) override {
    HttpRequest request;
    request.method = method;
    request.url = path;
    request.body = body;
    request.headers.push_back(
        {"content-type", content_type.empty() ? "application/json" : content_type});
    if (!accept.empty()) request.headers.push_back({"accept", accept});
    auto reply = sim_.sandbox().handle(sim_.now(), request);
    if (auto* response = std::get_if<HttpResponse>(&reply)) return std::move(*response);
    HttpResponse none;
    none.status = 0;
    return none;
  }

  HttpResponse control(const std::string& method, const std::string& path,
                       const std::string& body) override {
    return sim_.request(method, "/sandbox/" + path, body);
  }

  std::string ask(const std::string& service, const std::string& path,
                  const std::string& body) override {
    return sim_.ask(service, path, body);
  }

  void excuse(const std::string& cluster) override { promises_.excuse(cluster); }

  bool run_until(const std::function<bool()>& done, Millis limit,
                 const std::function<void()>& look) override {
    sim_.set_step_listener([this, &look] {
      promises_.look();
      look();
    });
    const bool good = sim_.run_until(done, limit);
    sim_.set_step_listener({});
    return good;
  }

  Millis elapsed() const override {
    return std::chrono::duration_cast<Millis>(sim_.now() - begin_);
  }

  void crash() override { sim_.crash(); }
  void stop() override { sim_.stop(); }
  void start() override { sim_.start(); }
  void lose_log() override { sim_.lose_log(); }
  std::string metrics() override { return Metrics().text(sim_.state(), MetricsView{}); }

  std::uint64_t version_of(ApiKindId kind) override { return sim_.sandbox().version_of(kind); }

  std::vector<std::string> broken() override {
    std::vector<std::string> lines = promises_.broken();
    for (const std::string& line : replay_differences(sim_)) lines.push_back("replay: " + line);
    return lines;
  }

 private:
  std::string space_;
  Sim sim_;
  Promises promises_;
  Time begin_;
};

}  // namespace

std::unique_ptr<Platform> virtual_platform(const StageSetting& setting) {
  return std::make_unique<VirtualPlatform>(setting);
}

}  // namespace raycord

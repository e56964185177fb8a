#include "test/conformance/real_platform.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "core/objects.h"
#include "test/operator/operator_process.h"

namespace raycord {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr Millis kPoll{50};  // How often is looked.
// What takes no time in virtual time: requests, processes that share the machine.
constexpr Millis kSlack{1500};
constexpr std::time_t kRequestSeconds = 10;
constexpr std::time_t kAskSeconds = 2;

HttpResponse response_of(const httplib::Result& result) {
  HttpResponse response;
  response.status = result ? result->status : 0;
  if (result) response.body = result->body;
  return response;
}

HttpResponse send(httplib::Client& client, const std::string& method, const std::string& path,
                  const std::string& body, const std::string& content_type,
                  const std::string& accept) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) {
    request.set_header("Content-Type", content_type.empty() ? "application/json" : content_type);
  }
  if (!accept.empty()) request.set_header("Accept", accept);
  return response_of(client.send(request));
}

// An address of the loopback that no other operator of this run has; ports that were free a moment
// ago are taken by one of many.
std::string address_of_its_own() {
  static std::atomic<unsigned> made{0};
  const unsigned number = ++made;
  return "127.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
}

const char* text_of(bool value) { return value ? "true" : "false"; }

std::string mode_of(FailoverMode mode) {
  if (mode == FailoverMode::Off) return "off";
  return mode == FailoverMode::Shadow ? "shadow" : "enforce";
}

// Standard output of a command, nothing when it fails.
std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), count);
  }
  if (::pclose(pipe) != 0) return std::nullopt;
  return text;
}

class RealPlatform : public Platform {
 public:
  RealPlatform(const RealCluster& cluster, const StageSetting& setting)
      : cluster_(cluster),
        setting_(setting),
        folder_(cluster.folder + "/" + setting.space),
        api_(cluster.api),
        control_(cluster.control),
        address_(address_of_its_own()),
        begin_(Clock::now()) {
    for (httplib::Client* client : {&api_, &control_}) {
      client->set_keep_alive(true);
      client->set_read_timeout(kRequestSeconds);
    }
    std::filesystem::create_directories(folder_);
    const Json space = {
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", setting.space}}}};
    if (request("POST", "/api/v1/namespaces", space.dump(), "", "").status != 201) {
      broken_.push_back("the namespace cannot be made");
    }
    start();
  }

  HttpResponse request(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& content_type, const std::string& accept) override {
    return send(api_, method, path, body, content_type, accept);
  }

  HttpResponse control(const std::string& method, const std::string& path,
                       const std::string& body) override {
    const auto asked = translated(body);
    if (!asked) return {};
    HttpResponse response = send(control_, method, "/" + path, *asked, "", "");
    // A request of a proxy's health is a "probe" there.
    for (const char* word : {"\"probes\":"}) {
      const auto found = response.body.find(word);
      if (found != std::string::npos) response.body.replace(found + 1, 6, "health_probes");
    }
    return response;
  }

  std::string ask(const std::string& service, const std::string& path,
                  const std::string& body) override {
    httplib::Client client(service + "." + setting_.space + ".svc.cluster.local", 8000);
    client.set_connection_timeout(kAskSeconds);
    client.set_read_timeout(kAskSeconds);
    const HttpResponse response = send(client, "POST", path, body, "", "");
    if (response.status == 200) return response.body;
    return std::to_string(response.status) + " " + response.body;
  }

  void excuse(const std::string& /*cluster*/) override {}

  bool run_until(const std::function<bool()>& done, Millis limit,
                 const std::function<void()>& look) override {
    const auto end = Clock::now() + limit + kSlack;
    for (;;) {
      look();
      if (done()) return true;
      if (Clock::now() >= end) return false;
      std::this_thread::sleep_for(kPoll);
    }
  }

  Millis elapsed() const override {
    return std::chrono::duration_cast<Millis>(Clock::now() - begin_);
  }

  void crash() override {
    process_->kill();
    start();
  }
  void stop() override { process_->kill(); }
  void lose_log() override { std::filesystem::remove_all(log()); }

  void start() override {
    const Options& rules = setting_.options.options;
    std::vector<std::string> flags = {
        "--kubeconfig=" + cluster_.kubeconfig,
        "--log-dir=" + log(),
        "--watch-namespace=" + setting_.space,
        "--leader-election-namespace=" + setting_.space,
        "--pod-uid=" + setting_.space,
        "--failover=" + mode_of(rules.failover),
        "--metrics-addr=" + address_ + ":8080",
        std::string("--headless-head-service=") + text_of(rules.headless_head_service),
        std::string("--use-kubernetes-proxy=") + text_of(setting_.options.through_api_server)};
    process_ = std::make_unique<OperatorProcess>(
        flags, folder_ + "/operator.log",
        std::vector<std::string>{
            std::string("ENABLE_ZERO_DOWNTIME=") + text_of(rules.zero_downtime),
            std::string("ENABLE_INIT_CONTAINER_INJECTION=") + text_of(rules.inject_init_container),
            std::string("ENABLE_GCS_FT_REDIS_CLEANUP=") + text_of(rules.redis_cleanup)});
    if (!process_->says("leadership gained")) broken_.push_back("the operator does not lead");
  }

  std::string metrics() override {
    httplib::Client client(address_, 8080);
    return response_of(client.Get("/metrics")).body;
  }

  std::uint64_t version_of(ApiKindId /*kind*/) override { return ++asked_; }

  std::vector<std::string> broken() override {
    if (process_->stop() != 0) broken_.push_back("the operator did not end in good order");
    check_log("log verify", R"("intact":true)");
    check_log("replay", R"("divergences":0)");
    return broken_;
  }

 private:
  std::string log() const { return folder_ + "/log"; }

  // What the embedded cluster understands, in rayworld's words; nothing if it has none for it.
  static std::optional<std::string> translated(const std::string& body) {
    if (body.empty()) return body;
    Json asked = Json::parse(body);
    if (asked.value("target", "") == "apiserver" || !asked.contains("cluster")) return std::nullopt;
    if (asked.contains("unready_after_ms")) {
      asked["unready_after_s"] = asked["unready_after_ms"].get<double>() / 1000;
    }
    return asked.dump();
  }

  void check_log(const std::string& words, const std::string& good) {
    const auto said = output_of(BIN_DIR "/raycord --log " + log() + " " + words + " -o json 2>&1");
    std::string text = said.value_or("it failed");
    std::erase_if(text, [](char letter) { return letter == ' ' || letter == '\n'; });
    if (text.find(good) == std::string::npos) broken_.push_back("raycord " + words + ": " + text);
  }

  RealCluster cluster_;
  StageSetting setting_;
  std::string folder_;
  httplib::Client api_;
  httplib::Client control_;
  std::string address_;
  Clock::time_point begin_;
  std::unique_ptr<OperatorProcess> process_;
  std::uint64_t asked_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace

std::unique_ptr<Platform> real_platform(const RealCluster& cluster, const StageSetting& setting) {
  return std::make_unique<RealPlatform>(cluster, setting);
}

}  // namespace raycord

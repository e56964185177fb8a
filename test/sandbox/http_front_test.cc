#include "sandbox/http_front.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace raycord {
namespace {

HttpFront::Clock test_clock() {
  const auto wall = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  const auto start = std::chrono::steady_clock::now();
  return [wall, start] {
    return wall + std::chrono::floor<Millis>(std::chrono::steady_clock::now() - start);
  };
}

std::unique_ptr<HttpFront> start_front(SandboxOptions options = {}) {
  options.start = test_clock()();
  auto front = HttpFront::start(options, 0, test_clock());
  EXPECT_TRUE(front) << front.error().message;
  return front ? std::move(*front) : nullptr;
}

// Sends bytes to the front and reads until it closes or `enough` has arrived.
std::string exchange(int port, const std::string& bytes, const std::string& enough) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string answer;
  const void* raw = &address;
  if (::connect(fd, static_cast<const sockaddr*>(raw), sizeof address) == 0 &&
      ::send(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size())) {
    char buffer[4096];
    ssize_t got = 0;
    while ((enough.empty() || answer.find(enough) == std::string::npos) &&
           (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return answer;
}

std::string request_text(const std::string& method, const std::string& path,
                         const std::string& body) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  if (!body.empty()) {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

TEST(HttpFront, AnswersOverTheWire) {
  const auto front = start_front();
  ASSERT_NE(front, nullptr);
  const std::string made =
      exchange(front->port(), request_text("POST", kMaps, R"({"metadata":{"name":"a"}})"), "");
  EXPECT_NE(made.find("201"), std::string::npos) << made;
  const std::string got =
      exchange(front->port(), request_text("GET", std::string(kMaps) + "/a", ""), "");
  EXPECT_NE(got.find("\"name\":\"a\""), std::string::npos) << got;
  const std::string gone =
      exchange(front->port(), request_text("DELETE", std::string(kMaps) + "/a", ""), "");
  EXPECT_NE(gone.find("Success"), std::string::npos) << gone;
}

TEST(HttpFront, StreamsWatchesInChunks) {
  const auto front = start_front();
  ASSERT_NE(front, nullptr);
  exchange(front->port(), request_text("POST", kMaps, R"({"metadata":{"name":"a"}})"), "");
  const std::string stream =
      exchange(front->port(), request_text("GET", std::string(kMaps) + "?watch=true", ""), "ADDED");
  EXPECT_NE(stream.find("Transfer-Encoding: chunked"), std::string::npos) << stream;
  EXPECT_NE(stream.find("ADDED"), std::string::npos) << stream;
}

TEST(HttpFront, EndsWatchesThatRunOut) {
  const auto front = start_front();
  ASSERT_NE(front, nullptr);
  const std::string stream = exchange(
      front->port(),
      request_text("GET", std::string(kMaps) + "?watch=1&timeoutSeconds=1&allowWatchBookmarks=1",
                   ""),
      "");
  EXPECT_NE(stream.find("BOOKMARK"), std::string::npos) << stream;
  EXPECT_NE(stream.find("\r\n0\r\n\r\n"), std::string::npos) << stream;
}

TEST(HttpFront, StopsWhileWatchesAreOpen) {
  auto front = start_front();
  ASSERT_NE(front, nullptr);
  front->stop();
  front.reset();
}

TEST(HttpFront, SaysWhenThePortIsTaken) {
  const auto front = start_front();
  ASSERT_NE(front, nullptr);
  const auto second = HttpFront::start({}, front->port(), test_clock());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::InUse);
}

// kubectl against a front, in a directory of its own.
class KubectlTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v kubectl > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "NO KUBECTL ON PATH: the sandbox was not tried with it";
    }
    front_ = start_front({.pod_start = Millis(10), .head_ready = Millis(10)});
    ASSERT_NE(front_, nullptr);
    char name[] = "/tmp/raycord-kubectl-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    write("config", front_->kubeconfig());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  // What kubectl prints, and in the end "exit N".
  std::string kubectl(const std::string& arguments) {
    const std::string folder = folder_.string();
    const std::string command = "cd " + folder + " && HOME=" + folder + " KUBECONFIG=" + folder +
                                "/config timeout 60 kubectl " + arguments + " 2>&1; echo exit $?";
    std::string output;
    FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[1024];
    while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
    if (pipe != nullptr) ::pclose(pipe);
    return output;
  }

  std::unique_ptr<HttpFront> front_;
  std::filesystem::path folder_;
};

constexpr const char* kManifest = R"(
apiVersion: ray.io/v1
kind: RayService
metadata: {name: svc}
spec:
  serveConfigV2: "applications: []"
  rayClusterConfig:
    headGroupSpec:
      rayStartParams: {}
      template: {spec: {containers: [{name: c, image: "ray:1"}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: c, image: "web:1"}]}
)";

TEST_F(KubectlTest, RunsItsDailyCommands) {
  write("all.yaml", kManifest);
  std::string out = kubectl("apply -f all.yaml");
  EXPECT_NE(out.find("rayservice.ray.io/svc created"), std::string::npos) << out;
  EXPECT_NE(out.find("pod/web created"), std::string::npos) << out;
  out = kubectl("apply -f all.yaml");
  EXPECT_NE(out.find("rayservice.ray.io/svc unchanged"), std::string::npos) << out;
  EXPECT_NE(out.find("pod/web unchanged"), std::string::npos) << out;
  out = kubectl("wait pod/web --for=condition=Ready --timeout=30s");
  EXPECT_NE(out.find("condition met"), std::string::npos) << out;
  out = kubectl("get pods -l app=web");
  EXPECT_NE(out.find("NAME   READY   STATUS"), std::string::npos) << out;
  out = kubectl("patch rayservice svc --type=merge -p '{\"spec\":{\"suspend\":true}}'");
  EXPECT_NE(out.find("patched"), std::string::npos) << out;
  out = kubectl("get rayservice svc -o jsonpath={.metadata.generation}");
  EXPECT_EQ(out, "2exit 0\n");
  out = kubectl("describe rayservice svc");
  EXPECT_NE(out.find("applications: []"), std::string::npos) << out;
  out = kubectl("create namespace team");
  EXPECT_NE(out.find("namespace/team created"), std::string::npos) << out;
  out = kubectl("delete -f all.yaml --timeout=30s");
  EXPECT_NE(out.find("exit 0"), std::string::npos) << out;
  out = kubectl("get rayservices,pods");
  EXPECT_NE(out.find("No resources found"), std::string::npos) << out;
}

}  // namespace
}  // namespace raycord

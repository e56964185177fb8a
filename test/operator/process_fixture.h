// ProcessTest has an embedded cluster on a loopback port and the programs beside it.

#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/subprocess.h"
#include "operator/clock.h"
#include "operator/live.h"
#include "sandbox/http_front.h"
#include "test/adapters/temp_folder.h"
#include "test/operator/operator_process.h"

namespace raycord {

class ProcessTest : public testing::Test {
 protected:
  static constexpr Millis kLimit{60'000};

  void SetUp() override {
    auto front = HttpFront::start({}, 0, [] { return read_system_clock().wall; });
    ASSERT_TRUE(front) << front.error().message;
    front_ = std::move(*front);
    kubeconfig_ = folder_.write("kubeconfig", front_->kubeconfig());
  }

  std::string log() const { return folder_.path("log"); }
  std::string lines() const { return folder_.path("lines"); }

  std::unique_ptr<OperatorProcess> start_operator(const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags = {"--kubeconfig", kubeconfig_, "--log-dir", log(),
                                      "--use-kubernetes-proxy"};
    flags.insert(flags.end(), more.begin(), more.end());
    return std::make_unique<OperatorProcess>(flags, lines());
  }

  // An operator that has led and ended in order; its log stays.
  void lead_once() {
    const auto process = start_operator();
    ASSERT_TRUE(process->says("leadership gained")) << process->lines();
    ASSERT_EQ(process->stop(), 0) << process->lines();
  }

  static ProgramEnd run(std::vector<std::string> command) {
    const auto end =
        run_program({.command = std::move(command), .environment = {}, .limit = kLimit});
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : ProgramEnd{-1, "", ""};
  }

  ProgramEnd raycord(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {BIN_DIR "/raycord", "--log", log()});
    return run(std::move(arguments));
  }

  ProgramEnd kubectl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"kubectl", "--kubeconfig", kubeconfig_, "--cache-dir",
                                         folder_.path("cache")});
    return run(std::move(arguments));
  }

  // A small RayService with so much text in its Serve config.
  static std::string ray_service(const std::string& name, std::size_t text = 1) {
    const std::string config =
        "applications:\\n- name: app\\n  import_path: a.b\\n  route_prefix: /\\n  args: {text: " +
        std::string(text, 'x') + "}\\n";
    const std::string image = R"("image":"rayproject/ray:2.52.1"}])";
    return R"({"apiVersion":"ray.io/v1","kind":"RayService","metadata":{"name":")" + name +
           R"(","namespace":"default"},"spec":{"serveConfigV2":")" + config +
           R"(","rayClusterConfig":{"headGroupSpec":{"rayStartParams":{},"template":{"spec":)"
           R"({"containers":[{"name":"ray-head",)" +
           image + R"(}}},"workerGroupSpecs":[{"groupName":")" + std::string(40, 'g') +
           R"(","replicas":1,"minReplicas":1,"maxReplicas":2,"rayStartParams":{},"template":)"
           R"({"spec":{"containers":[{"name":"ray-worker",)" +
           image + R"(}}}]}}})";
  }

  // Files of the log with this ending, the largest first.
  std::vector<std::string> log_files(const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(log())) {
      if (file.path().extension() == ending) found.push_back(file.path());
    }
    std::sort(found.begin(), found.end(), [](const std::string& left, const std::string& right) {
      return std::filesystem::file_size(left) > std::filesystem::file_size(right);
    });
    return found;
  }

  static int code(ExitCode code) { return static_cast<int>(code); }

  TempFolder folder_;
  std::unique_ptr<HttpFront> front_;
  std::string kubeconfig_;
};

}  // namespace raycord

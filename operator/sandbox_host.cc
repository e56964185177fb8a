#include "operator/sandbox_host.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include "operator/clock.h"
#include "sandbox/http_front.h"

namespace raycord {
namespace {

Result<std::string> temporary_directory() {
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  std::string path = (error ? "/tmp" : base.string()) + "/raycord-sandbox-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::Io, "cannot make a temporary directory like " + path + ": " +
                                   std::generic_category().message(errno) +
                                   "; set TMPDIR, or give --log-dir and --sandbox-kubeconfig");
  }
  return path;
}

Outcome write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (file) return Done{};
  return fail(ErrorCode::Io,
              "cannot write " + path + "; check that its directory exists and is writable");
}

}  // namespace

SandboxHost::SandboxHost(std::unique_ptr<HttpFront> front, std::string kubeconfig,
                         std::string log_directory)
    : front_(std::move(front)),
      kubeconfig_(std::move(kubeconfig)),
      log_directory_(std::move(log_directory)) {}

SandboxHost::~SandboxHost() = default;

std::string SandboxHost::url() const { return front_->url(); }

Result<std::unique_ptr<SandboxHost>> SandboxHost::start(int port, std::string kubeconfig,
                                                        std::string log_directory) {
  if (kubeconfig.empty() || log_directory.empty()) {
    auto directory = temporary_directory();
    if (!directory) return fail(directory.error());
    if (kubeconfig.empty()) kubeconfig = *directory + "/kubeconfig";
    if (log_directory.empty()) log_directory = *directory + "/log";
  }
  const auto clock = std::make_shared<EventClock>();
  SandboxOptions options;
  options.start = clock->now();
  options.seed = std::random_device()();
  auto front = HttpFront::start(options, port, [clock] { return clock->now(); });
  if (!front) return fail(front.error());
  if (Outcome written = write_file(kubeconfig, (*front)->kubeconfig()); !written) {
    return fail(written.error());
  }
  return std::unique_ptr<SandboxHost>(
      new SandboxHost(std::move(*front), std::move(kubeconfig), std::move(log_directory)));
}

}  // namespace raycord

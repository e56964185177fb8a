// raycord-sandbox: the embedded cluster on a loopback port.

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "sandbox/http_front.h"

namespace {

using raycord::HttpFront;
using raycord::Millis;
using raycord::SandboxOptions;
using raycord::Time;

struct Settings {
  SandboxOptions options;
  int port = 6443;
  std::string kubeconfig;
};

void add_delay(CLI::App& app, const std::string& name, Millis& target, const std::string& meaning) {
  app.add_option_function<double>(
         "--" + name,
         [&target](double seconds) { target = Millis(static_cast<long long>(seconds * 1000)); },
         meaning + " (seconds)")
      ->check(CLI::Range(0.0, 86400.0))
      ->default_str(std::to_string(target.count() / 1000) + "." +
                    std::to_string(target.count() % 1000 / 100));
}

void declare(CLI::App& app, Settings& settings) {
  SandboxOptions& options = settings.options;
  app.add_option("--port", settings.port, "port on 127.0.0.1; 0 lets the system choose")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--kubeconfig", settings.kubeconfig, "write a kubeconfig for this sandbox to FILE")
      ->type_name("FILE");
  app.add_option("--seed", options.seed, "of names and identities")->capture_default_str();
  app.add_option("--pod-ips", options.pod_ips, "range of pod addresses")->capture_default_str();
  app.add_option("--service-ips", options.service_ips, "range of service addresses")
      ->capture_default_str();
  app.add_flag("--journal", options.journal, "keep what clients change, for GET /sandbox/journal");
  app.add_option("--nodes", options.nodes, "number of nodes")->capture_default_str();
  add_delay(app, "pod-start", options.pod_start, "pod bound to its containers running");
  add_delay(app, "head-ready", options.head_ready, "head running to Ready");
  add_delay(app, "worker-ready", options.worker_ready, "worker's conditions met to Ready");
  add_delay(app, "termination", options.termination, "pod deleted to gone");
  add_delay(app, "head-restart", options.head_restart, "container killed to running");
  add_delay(app, "app-deploy", options.app_deploy, "each deployment of a new application");
  add_delay(app, "app-update", options.app_update, "an application updated in place");
  add_delay(app, "app-delete", options.app_delete, "an application removed");
}

// Wall time at start plus monotonic time: it never steps back.
HttpFront::Clock steady_wall_clock() {
  const auto wall = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  const auto start = std::chrono::steady_clock::now();
  return [wall, start] {
    return wall + std::chrono::floor<Millis>(std::chrono::steady_clock::now() - start);
  };
}

bool write_kubeconfig(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (file) return true;
  std::cerr << "raycord-sandbox: cannot write " << path
            << "; check that the directory exists and is writable\n";
  return false;
}

int run(const Settings& settings) {
  // Blocked before any thread starts, so that all inherit it and sigwait gets the signal.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const HttpFront::Clock clock = steady_wall_clock();
  SandboxOptions options = settings.options;
  options.start = clock();
  auto front = HttpFront::start(options, settings.port, clock);
  if (!front) {
    std::cerr << "raycord-sandbox: " << front.error().message << "\n";
    return 1;
  }
  if (!settings.kubeconfig.empty() &&
      !write_kubeconfig(settings.kubeconfig, (*front)->kubeconfig())) {
    return 1;
  }
  std::cout << "The sandbox listens on " << (*front)->url() << ". Ctrl-C ends it.\n";
  if (settings.kubeconfig.empty()) {
    std::cout << "  kubectl --server " << (*front)->url() << " get pods -A\n";
  } else {
    std::cout << "  kubectl --kubeconfig " << settings.kubeconfig << " get pods -A\n";
  }
  std::cout << std::flush;
  int signal = 0;
  sigwait(&signals, &signal);
  (*front)->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app(
      "An embedded Kubernetes API with simulated pods and Ray dashboards, for kubectl and for "
      "Raycord. Nothing is kept when it ends.",
      "raycord-sandbox");
  declare(app, settings);
  CLI11_PARSE(app, argc, argv);
  return run(settings);
}

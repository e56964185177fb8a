// SandboxHost runs the embedded cluster inside the operator's process, on a loopback port.
//
// The operator reaches it as it would any cluster: over HTTP, by a kubeconfig. It is empty at each
// start, so a log of an earlier one is of no use to it.

#pragma once

#include <memory>
#include <string>

#include "core/result.h"

namespace raycord {

class HttpFront;

class SandboxHost {
 public:
  // `kubeconfig` and `log_directory` empty: in a new temporary directory, which stays.
  static Result<std::unique_ptr<SandboxHost>> start(int port, std::string kubeconfig,
                                                    std::string log_directory);
  ~SandboxHost();

  std::string url() const;
  const std::string& kubeconfig() const { return kubeconfig_; }
  const std::string& log_directory() const { return log_directory_; }

 private:
  SandboxHost(std::unique_ptr<HttpFront> front, std::string kubeconfig, std::string log_directory);

  std::unique_ptr<HttpFront> front_;
  std::string kubeconfig_;
  std::string log_directory_;
};

}  // namespace raycord

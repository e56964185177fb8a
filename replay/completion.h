// Scripts by which shells complete `raycord` and `kubectl-raycord`.

#pragma once

#include <string>
#include <vector>

namespace raycord {

struct CompletionNode {
  std::string name;
  std::string what;
  std::vector<std::string> flags;
  std::vector<CompletionNode> children;
};

// `shell` is bash, zsh or fish.
std::string completion_script(const std::string& shell, const CompletionNode& root);

}  // namespace raycord

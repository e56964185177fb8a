// OperatorProcess is raycord-operator as people run it, beside an embedded cluster of the test.
//
//   OperatorProcess process({"--kubeconfig", file, "--log-dir", log}, folder.path("lines"));
//   ASSERT_TRUE(process.says("leadership gained"));
//   EXPECT_EQ(process.stop(), 0);

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace raycord {

class OperatorProcess {
 public:
  // What it says goes to `lines`, a file that is made or gone on with. Variables, "NAME=VALUE", are
  // added to those of this process.
  OperatorProcess(const std::vector<std::string>& flags, std::string lines,
                  std::vector<std::string> variables = {});
  ~OperatorProcess();  // Kills it if it still runs.
  OperatorProcess(const OperatorProcess&) = delete;
  OperatorProcess& operator=(const OperatorProcess&) = delete;

  // Waits until it has said `text` since it was started; false when it ends or time runs out.
  bool says(const std::string& text);

  std::optional<int> end();   // Waits for its end: the exit code; nothing when time runs out.
  std::optional<int> stop();  // Asks it to end, and waits.
  void kill();

  std::string lines() const;  // What it said since it was started.

 private:
  std::optional<int> ended();  // 128 + signal for one that a signal ended.

  std::string file_;
  std::size_t begin_ = 0;  // Of what this process said.
  pid_t process_ = -1;
  std::optional<int> code_;
};

}  // namespace raycord

// A volume that fills up under a running operator: how it ends, and how the next start goes on.

#include <cstdlib>

#include <unistd.h>

#include "test/operator/process_fixture.h"

namespace raycord {
namespace {

using testing::HasSubstr;

// In a mount namespace of its own: a small volume, an operator on it, edits until it is full.
// $1 kubeconfig, $2 directory of programs, $3 folder for what is said, $4 edit, $5 server.
constexpr const char* kScript = R"sh(
set -u
volume=$3/volume
mkdir -p "$volume" && mount -t tmpfs -o size=96m none "$volume" || exit 90
start() {
  "$2/raycord-operator" --kubeconfig "$1" --log-dir "$volume/log" --use-kubernetes-proxy \
    --metrics-addr=0 --health-probe-bind-address=0 2>"$3/$6" &
  operator=$!
  until grep -q 'leadership gained' "$3/$6"; do kill -0 $operator || exit 91; done
}
start "$@" first
[ -f "$volume/log/BALLAST" ] || exit 92
dd if=/dev/zero of="$volume/filler" bs=64k 2>/dev/null
for i in $(seq 300); do
  kill -0 $operator 2>/dev/null || break
  sed "s/EDIT/$i/" "$4" | curl -sS -o /dev/null -X PATCH --data-binary @- \
    -H 'Content-Type: application/merge-patch+json' "$5"
done
wait $operator
echo $? >"$3/code"
"$2/raycord" --log "$volume/log" log verify -o name >"$3/verified" || exit 93
"$2/raycord" --log "$volume/log" log ls -o name | tail -1 >"$3/last"
"$2/raycord-operator" --kubeconfig "$1" --log-dir "$volume/log" --use-kubernetes-proxy \
  --metrics-addr=0 --health-probe-bind-address=0 2>"$3/full"
echo $? >"$3/full-code"
rm "$volume/log/BALLAST"
start "$@" second
kill -TERM $operator
wait $operator || exit 94
"$2/raycord" --log "$volume/log" log verify >"$3/verified" || exit 95
"$2/raycord" --log "$volume/log" log show "$(cat "$3/last")" >/dev/null || exit 96
"$2/raycord" --log "$volume/log" replay >"$3/replayed" || exit 97
)sh";

class FullDiskTest : public ProcessTest {
 protected:
  // How to get a mount namespace here; empty when there is no way.
  static std::vector<std::string> own_mounts() {
    for (const std::vector<std::string>& way :
         {std::vector<std::string>{"unshare", "--mount"},
          std::vector<std::string>{"unshare", "--map-root-user", "--mount"}}) {
      std::vector<std::string> attempt = way;
      attempt.insert(attempt.end(), {"mount", "-t", "tmpfs", "none", "/mnt"});
      const auto end = run_program({.command = attempt, .environment = {}, .limit = kLimit});
      if (end && end->exit_code == 0) return way;
    }
    return {};
  }

  // The number in a file that the script wrote.
  int number_in(const std::string& name) const { return std::atoi(folder_.read(name).c_str()); }
};

TEST_F(FullDiskTest, EndsTheOperatorAndLosesNothing) {
  std::vector<std::string> command = own_mounts();
  if (command.empty()) {
    GTEST_SKIP() << "SKIPPED: a small volume needs root, or user namespaces";
  }
  const std::string manifest = folder_.write("llm.json", ray_service("llm"));
  ASSERT_EQ(kubectl({"create", "--validate=false", "-f", manifest}).exit_code, 0);
  const std::string edit =
      folder_.write("edit.json", R"({"metadata":{"annotations":{"edit":"EDIT","long":")" +
                                     std::string(200'000, 'x') + R"("}}})");
  command.insert(command.end(),
                 {"bash", "-c", kScript, "bash", kubeconfig_, BIN_DIR, folder_.path(""), edit,
                  front_->url() + "/apis/ray.io/v1/namespaces/default/rayservices/llm"});
  const ProgramEnd end = run(command);
  ASSERT_EQ(end.exit_code, 0) << end.last_error_line << folder_.read("first")
                              << folder_.read("second");
  EXPECT_EQ(number_in("code"), code(ExitCode::LogFailed)) << folder_.read("first");
  EXPECT_THAT(folder_.read("first"), HasSubstr("the volume is full"));
  EXPECT_THAT(folder_.read("first"), HasSubstr("remove its file BALLAST"));
  EXPECT_EQ(number_in("full-code"), code(ExitCode::LogRefused)) << folder_.read("full");
  EXPECT_THAT(folder_.read("full"), HasSubstr("the volume is full"));
  EXPECT_THAT(folder_.read("verified"), HasSubstr("intact"));
  EXPECT_THAT(folder_.read("replayed"), HasSubstr(" 0 divergences"));
}

}  // namespace
}  // namespace raycord

// The operator with all its threads, as people run it, on the embedded cluster.

#include "operator/live.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/subprocess.h"
#include "store/fold_log.h"
#include "store/rocks_event_log.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Millis kLimit{180'000};  // Under the thread sanitizer everything takes ten times as long.

class LiveTest : public testing::Test {
 protected:
  ProgramEnd run() {
    const auto end =
        run_program({.command = {TEST_DATA "/operator/live.sh", BIN_DIR "/raycord-operator",
                                 SOURCE_ROOT "/samples/rayservice.yaml", folder_.path("")},
                     .environment = {},
                     .limit = kLimit});
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : ProgramEnd{};
  }

  TempFolder folder_;
};

TEST_F(LiveTest, ServesIsAskedAndEndsInOrder) {
  const ProgramEnd end = run();
  const std::string lines = folder_.read("lines");
  ASSERT_EQ(end.exit_code, 0) << end.last_error_line << "\n" << lines;
  EXPECT_THAT(folder_.read("metrics"), HasSubstr("raycord_leading 1\n"));
  EXPECT_THAT(folder_.read("metrics"), HasSubstr("kuberay_service_info{"));
  EXPECT_THAT(folder_.read("readyz"), HasSubstr("200 OK"));
  EXPECT_THAT(lines, HasSubstr("stopped"));
  EXPECT_THAT(lines, HasSubstr("given up in an orderly way"));
  EXPECT_THAT(lines, Not(HasSubstr("have no answer yet")));
  EXPECT_THAT(lines, Not(HasSubstr("ThreadSanitizer")));

  // What net reported last is in the log.
  RocksEventLog::Options options;
  options.directory = folder_.path("log");
  options.create_if_missing = false;
  const auto log = RocksEventLog::open(options);
  ASSERT_TRUE(log) << log.error().message;
  const auto folded = fold_log((*log)->reader());
  ASSERT_TRUE(folded) << folded.error().message;
  EXPECT_FALSE(folded->state.fleet.leading);
}

}  // namespace
}  // namespace raycord

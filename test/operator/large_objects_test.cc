// Objects near the limits of size and name, and beyond them, through the whole program.

#include <string>

#include "formats/validation.h"
#include "test/operator/process_fixture.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::Not;

class LargeObjectsTest : public ProcessTest {
 protected:
  void create(const std::string& name, std::size_t text) {
    const ProgramEnd made = kubectl({"create", "--validate=false", "-f",
                                     folder_.write(name + ".json", ray_service(name, text))});
    ASSERT_EQ(made.exit_code, 0) << made.last_error_line;
  }

  bool becomes_running(const std::string& name) {
    const ProgramEnd waited =
        kubectl({"wait", "rayservice/" + name, "--for=condition=Ready", "--timeout=50s"});
    return waited.exit_code == 0;
  }
};

TEST_F(LargeObjectsTest, OfAMegabyteWork) {
  create("large", 1'000'000);
  const auto process = start_operator();
  EXPECT_TRUE(becomes_running("large")) << process->lines();
  EXPECT_EQ(process->stop(), 0);
  const ProgramEnd seen = raycord({"log", "ls", "--kind", "Unreadable", "-o", "name"});
  EXPECT_EQ(seen.output, "");
  EXPECT_EQ(raycord({"replay"}).exit_code, 0);
}

TEST_F(LargeObjectsTest, BeyondTheLimitAreKnownBySizeAndHashAndHoldUpNobody) {
  create("giant", 3'300'000);
  create("small", 10);
  const auto process = start_operator();
  EXPECT_TRUE(becomes_running("small")) << process->lines();
  EXPECT_EQ(process->stop(), 0);
  const ProgramEnd seen = raycord({"log", "ls", "--kind", "Unreadable", "-o", "json"});
  EXPECT_THAT(seen.output, HasSubstr("RayService"));
  EXPECT_THAT(seen.output, HasSubstr("larger than"));
  EXPECT_THAT(seen.output, HasSubstr("\"size\": 33"));
  EXPECT_THAT(seen.output, HasSubstr("\"hash\""));
  EXPECT_THAT(seen.output, Not(HasSubstr("xxxxx")));
  EXPECT_EQ(raycord({"replay"}).exit_code, 0);
}

TEST_F(LargeObjectsTest, WithTheLongestNameWork) {
  const std::string name(kServiceNameMax, 'n');
  create(name, 10);
  const auto process = start_operator();
  EXPECT_TRUE(becomes_running(name)) << process->lines();
  EXPECT_EQ(process->stop(), 0);
}

TEST_F(LargeObjectsTest, WithANameThatIsTooLongAreToldTheLimit) {
  const std::string name(kServiceNameMax + 1, 'n');
  create(name, 10);
  const auto process = start_operator();
  const ProgramEnd waited =
      kubectl({"wait", "rayservice/" + name, "--timeout=50s",
               "--for=jsonpath={.status.conditions[0].reason}=ValidationFailed"});
  EXPECT_EQ(waited.exit_code, 0) << process->lines();
  const std::string said =
      kubectl({"get", "rayservice", name, "-o", "jsonpath={.status.conditions[0].message}"}).output;
  EXPECT_THAT(said, HasSubstr("at most " + std::to_string(kServiceNameMax)));
  EXPECT_EQ(process->stop(), 0);
}

}  // namespace
}  // namespace raycord

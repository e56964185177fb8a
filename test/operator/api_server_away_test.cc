// An API server that is away when the operator starts.

#include "test/operator/process_fixture.h"

namespace raycord {
namespace {

using ApiServerAwayTest = ProcessTest;

TEST_F(ApiServerAwayTest, IsWaitedForAndUsedOnceItIsThere) {
  const int port = front_->port();
  front_->stop();
  front_.reset();
  const auto process = start_operator();
  ASSERT_TRUE(process->says("waiting: the API server does not answer")) << process->lines();
  auto front = HttpFront::start({}, port, [] { return read_system_clock().wall; });
  ASSERT_TRUE(front) << front.error().message;
  front_ = std::move(*front);
  EXPECT_TRUE(process->says("leadership gained")) << process->lines();
  EXPECT_EQ(process->stop(), 0);
}

}  // namespace
}  // namespace raycord

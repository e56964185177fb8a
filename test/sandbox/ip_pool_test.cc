#include "sandbox/ip_pool.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

TEST(IpPool, HandsOutEachAddressOnce) {
  auto pool = IpPool::parse("10.64.0.0/30");
  ASSERT_TRUE(pool);
  EXPECT_EQ(pool->take(), "10.64.0.1");
  EXPECT_EQ(pool->take(), "10.64.0.2");
  pool->release("10.64.0.1");
  EXPECT_EQ(pool->take(), "10.64.0.1");
}

TEST(IpPool, SkipsWhatSomebodyChose) {
  auto pool = IpPool::parse("10.96.0.0/16");
  ASSERT_TRUE(pool);
  pool->reserve("10.96.0.1");
  pool->reserve("192.168.0.1");
  EXPECT_EQ(pool->take(), "10.96.0.2");
  EXPECT_TRUE(pool->contains("10.96.255.1"));
  EXPECT_FALSE(pool->contains("10.97.0.1"));
}

TEST(IpPool, RefusesWhatIsNoRange) {
  for (const char* text :
       {"", "10.0.0.0", "10.0.0/8", "10.0.0.0/31", "300.0.0.0/8", "10.0.0.0/x"}) {
    EXPECT_FALSE(IpPool::parse(text)) << text;
  }
}

}  // namespace
}  // namespace raycord

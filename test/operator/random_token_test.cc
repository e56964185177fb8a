#include "operator/random_token.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

namespace raycord {
namespace {

TEST(RandomToken, IsThirtyTwoBytesInBase64) {
  const std::string token = random_token();
  EXPECT_EQ(token.size(), 44u);
  EXPECT_EQ(token.back(), '=');
  EXPECT_TRUE(std::all_of(token.begin(), token.end() - 1, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  })) << token;
}

TEST(RandomToken, IsAnotherEachTime) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(random_token());
  EXPECT_EQ(tokens.size(), 100u);
}

}  // namespace
}  // namespace raycord

#include "core/build/quantity.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace raycord {
namespace {

Quantity quantity(std::string_view text) {
  const Result<Quantity> parsed = Quantity::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Quantity();
}

TEST(Quantity, RoundsUpToWholeUnits) {
  EXPECT_EQ(quantity("500m").round_up(), 1);
  EXPECT_EQ(quantity("1500m").round_up(), 2);
  EXPECT_EQ(quantity("2").round_up(), 2);
  EXPECT_EQ(quantity("5Gi").round_up(), 5368709120);
  EXPECT_EQ(quantity("1.5Gi").round_up(), 1610612736);
  EXPECT_EQ(quantity("1e3").round_up(), 1000);
  EXPECT_EQ(quantity("1E3").round_up(), 1000);
  EXPECT_EQ(quantity("1E").round_up(), 1'000'000'000'000'000'000);
  EXPECT_EQ(quantity("1n").round_up(), 1);
  EXPECT_EQ(quantity("0").round_up(), 0);
  EXPECT_EQ(quantity("-1500m").round_up(), -2);
}

TEST(Quantity, PrintsTheCanonicalFormOfKubernetes) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"0", "0"},
                                                                  {"0Gi", "0"},
                                                                  {"1.5", "1500m"},
                                                                  {"1000m", "1"},
                                                                  {"2000", "2k"},
                                                                  {"100000", "100k"},
                                                                  {"1024Mi", "1Gi"},
                                                                  {"0.5Gi", "512Mi"},
                                                                  {"512Mi", "512Mi"},
                                                                  {"1536Mi", "1536Mi"},
                                                                  {"1000Mi", "1000Mi"},
                                                                  {"0.5Ki", "512"},
                                                                  {"0.1Ki", "102400m"},
                                                                  {"1e3", "1e3"},
                                                                  {"12e6", "12e6"},
                                                                  {"1500e-3", "1500e-3"},
                                                                  {"5368709120", "5368709120"},
                                                                  {".5", "500m"},
                                                                  {"5.", "5"},
                                                                  {"+3", "3"},
                                                                  {"-2Gi", "-2Gi"},
                                                                  {"0.0000000001", "1n"},
                                                                  {"1u", "1u"},
                                                                  {"3000000000000000000", "3E"}};
  for (const auto& [text, canonical] : cases) EXPECT_EQ(quantity(text).canonical(), canonical);
}

TEST(Quantity, PrintsDecimalsWithoutSuffix) {
  EXPECT_EQ(quantity("500m").decimal(), "0.5");
  EXPECT_EQ(quantity("2").decimal(), "2");
  EXPECT_EQ(quantity("1.050").decimal(), "1.05");
  EXPECT_EQ(quantity("1n").decimal(), "0.000000001");
  EXPECT_EQ(quantity("-250m").decimal(), "-0.25");
  EXPECT_EQ(quantity("1Ki").decimal(), "1024");
}

TEST(Quantity, TakesTheNotationOfWhatIsAddedToZero) {
  EXPECT_EQ(Quantity().plus(quantity("2Gi")).plus(quantity("2147483648")).canonical(), "4Gi");
  EXPECT_EQ(quantity("500m").plus(quantity("1Gi")).canonical(), "1073741824500m");
  EXPECT_EQ(Quantity().plus(quantity("0Ki")).canonical(), "0");
}

TEST(Quantity, MultipliesBySigns) {
  EXPECT_EQ(quantity("500m").times(3).canonical(), "1500m");
  EXPECT_EQ(quantity("500m").times(0).canonical(), "0");
  EXPECT_EQ(quantity("500m").times(-3).canonical(), "-1500m");
  EXPECT_EQ(quantity("-2").times(-3).canonical(), "6");
}

TEST(Quantity, IsCutToTheLargestThatKubernetesHolds) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(quantity("9223372036854775807").round_up(), kLargest);
  EXPECT_EQ(quantity("9223372036854775808").round_up(), kLargest);
  EXPECT_EQ(quantity("99999999999999999999999999999999999999999999999").round_up(), kLargest);
  EXPECT_EQ(quantity("8Ei").round_up(), kLargest);
  EXPECT_EQ(quantity("7.999999999999Ei").plus(quantity("7Ei")).round_up(), kLargest);
  EXPECT_EQ(quantity("1Ei").times(kLargest).round_up(), kLargest);
  EXPECT_EQ(quantity("-1Ei").times(kLargest).round_up(), -kLargest);
}

TEST(Quantity, RefusesWhatIsNoQuantityAndQuotesIt) {
  for (const char* text : {"", " ", "Gi", "2 cores", "1.2.3", "1KI", "1e", "1e+", "1e100", "0x10",
                           "--1", "1Gi ", ".", "e3", "NaN"}) {
    const Result<Quantity> parsed = Quantity::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("\"" + std::string(text) + "\""), std::string::npos);
  }
}

}  // namespace
}  // namespace raycord

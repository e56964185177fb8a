#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";

Json job(const std::string& image) {
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", "j"}}},
          {"spec",
           {{"activeDeadlineSeconds", 300},
            {"template",
             {{"spec", {{"containers", Json::array({{{"name", "c"}, {"image", image}}})}}}}}}}};
}

std::string condition_of(Bench& bench) {
  const Json conditions = bench.get(std::string(kJobs) + "/j")["status"]["conditions"];
  return conditions.empty() ? "" : conditions[0]["type"].get<std::string>();
}

TEST(Jobs, AreCompleteAfterAWhile) {
  Bench bench;
  ASSERT_EQ(bench.post(kJobs, job("ray")).status, 201);
  EXPECT_EQ(condition_of(bench), "");
  bench.pass(Millis(5000));
  EXPECT_EQ(condition_of(bench), "Complete");
}

TEST(Jobs, WhoseImageDoesNotExistFailAtTheirDeadline) {
  Bench bench;
  ASSERT_EQ(bench.post(kJobs, job("no-such-image")).status, 201);
  bench.pass(Millis(299'000));
  EXPECT_EQ(condition_of(bench), "");
  bench.pass(Millis(2000));
  EXPECT_EQ(condition_of(bench), "Failed");
}

TEST(Jobs, ThatAreDeletedMeanwhileAreForgotten) {
  Bench bench;
  ASSERT_EQ(bench.post(kJobs, job("ray")).status, 201);
  bench.send("DELETE", std::string(kJobs) + "/j");
  bench.pass(Millis(5000));
  EXPECT_EQ(bench.send("GET", std::string(kJobs) + "/j").status, 404);
}

}  // namespace
}  // namespace raycord

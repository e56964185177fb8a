#include "formats/serve_answer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "formats/serve_config.h"

namespace raycord {
namespace {

constexpr const char* kAnswer = R"({
  "controller_info": {"node_ip": "10.0.0.7", "actor_id": "f78d"},
  "proxies": {"n1": {"status": "HEALTHY"}, "n2": {"status": "HEALTHY"}, "n3": {"status": "STARTING"}},
  "applications": {
    "b": {"status": "UNHEALTHY", "message": "ill", "last_deployed_time_s": 1795452269.05,
          "deployed_app_config": {"name": "b", "import_path": "b:app"},
          "deployments": {"Z": {"status": "HEALTHY", "status_trigger": "UNSPECIFIED", "message": ""},
                          "A": {"status": "UNHEALTHY", "status_trigger": "HEALTH_CHECK_FAILED",
                                "message": "no", "replicas": [{"replica_id": "x", "pid": 1}]}}},
    "a": {"status": "DEPLOYING", "message": "", "deployed_app_config": null, "deployments": {}}
  }})";

TEST(ServeAnswer, KeepsTheTargetCapacityInWholePercent) {
  EXPECT_FALSE(slice_serve_answer(R"({"applications": {}})")->target_capacity);
  EXPECT_FALSE(slice_serve_answer(R"({"target_capacity": null})")->target_capacity);
  EXPECT_EQ(slice_serve_answer(R"({"target_capacity": 50.0})")->target_capacity, 50);
  EXPECT_EQ(slice_serve_answer(R"({"target_capacity": 0})")->target_capacity, 0);
}

TEST(ServeAnswer, KeepsWhatRulesReadInTheOrderOfNames) {
  const auto answer = slice_serve_answer(kAnswer);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->apps.size(), 2u);
  EXPECT_EQ(answer->apps[0], (AppAnswer{"a", "DEPLOYING", "", {}, {}}));
  const Hash config =
      read_serve_config("applications: [{name: b, import_path: 'b:app'}]").apps.at("b");
  EXPECT_EQ(answer->apps[1], (AppAnswer{"b",
                                        "UNHEALTHY",
                                        "ill",
                                        config,
                                        {{"A", "UNHEALTHY", "HEALTH_CHECK_FAILED", "no"},
                                         {"Z", "HEALTHY", "UNSPECIFIED", ""}}}));
  EXPECT_EQ(answer->proxies,
            (std::map<std::string, std::int32_t>{{"HEALTHY", 2}, {"STARTING", 1}}));
}

TEST(ServeAnswer, NoAppsIsAnEmptyAnswer) {
  for (const char* body : {"{}", R"({"applications": null})", R"({"applications": {}})"}) {
    const auto answer = slice_serve_answer(body);
    ASSERT_TRUE(answer) << body;
    EXPECT_EQ(*answer, ServeAnswer{}) << body;
  }
}

TEST(ServeAnswer, AnAppWithoutNameIsCalledDefault) {
  const auto answer = slice_serve_answer(R"({"applications": {"": {"status": "RUNNING"}}})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->apps[0].name, "default");
}

TEST(ServeAnswer, WhatIsNotOfTheSchemaIsAnError) {
  const auto error_of = [](const char* body) {
    const auto answer = slice_serve_answer(body);
    return answer ? std::string() : answer.error().message;
  };
  EXPECT_NE(error_of("<html>").find("not valid JSON"), std::string::npos);
  EXPECT_EQ(error_of("[]"),
            "the answer of the Serve API: the document must be an object, found an array");
  EXPECT_EQ(error_of(R"({"applications": {"a": {"status": 3}}})"),
            "the answer of the Serve API: applications.a.status must be a string, found a number");
}

TEST(ServeAnswer, LongMessagesKeepTheirStartAndTheirEnd) {
  const std::string message = "start" + std::string(9000, 'x') + "the exception";
  const std::string cut = cut_message(message);
  EXPECT_LE(cut.size(), kMessageMax);
  EXPECT_TRUE(cut.starts_with("start"));
  EXPECT_TRUE(cut.ends_with("the exception"));
  EXPECT_EQ(cut_message(std::string(kMessageMax, 'x')).size(), kMessageMax);
}

TEST(ServeAnswer, ACutLeavesNoHalfCharacters) {
  std::string message;
  while (message.size() < 9001) message += "é";
  for (std::size_t shift = 0; shift < 2; ++shift) {
    const std::string cut = cut_message(std::string(shift, 'x') + message);
    EXPECT_LE(cut.size(), kMessageMax);
    EXPECT_TRUE(simdjson::validate_utf8(cut.data(), cut.size()));
  }
}

}  // namespace
}  // namespace raycord

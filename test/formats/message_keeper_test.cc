#include "formats/message_keeper.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time(Millis(1'000'000));

ServeAnswer ill(std::string message, std::string trigger = "REPLICA_STARTUP_FAILED") {
  ServeAnswer answer;
  answer.apps.push_back({"app", "UNHEALTHY", "The deployments ['Sick'] are UNHEALTHY.", {}, {}});
  answer.apps[0].deployments.push_back(
      {"Sick", "UNHEALTHY", std::move(trigger), std::move(message)});
  return answer;
}

const std::string& text_of(const ServeAnswer& answer) {
  return answer.apps.at(0).deployments.at(0).message;
}

TEST(NormalForm, LeavesOutWhatChangesByItself) {
  EXPECT_EQ(normal_form("\x1b[36mray::Sick.init()\x1b[39m (pid=7366, ip=10.0.0.7, "
                        "actor_id=179248c5ea49a1e0cfd7460801000000, at 0x7f6fde51f4d0)"),
            normal_form("ray::Sick.init() (pid=12, ip=10.0.12.200, "
                        "actor_id=3d6bd0215ce220fcef93c6e501000000, at 0x7efc607ffa90)"));
  EXPECT_EQ(normal_form("File \"/tmp/ray/session_1/a.py\", line 449"),
            normal_form("File \"/opt/b.py\", line 456"));
  EXPECT_EQ(normal_form("failed 3 times"), normal_form("failed 12 times"));
  EXPECT_EQ(normal_form("    ^^^^"), normal_form(" ^^^^^^"));
}

TEST(NormalForm, KeepsWhatSaysSomethingElse) {
  EXPECT_NE(normal_form("RuntimeError: I am sick"), normal_form("RuntimeError: I am dead"));
  EXPECT_NE(normal_form("decade of facade"), normal_form("something"));
  EXPECT_EQ(normal_form("I am sick"), "I am sick");
  EXPECT_EQ(normal_form(""), "");
  EXPECT_EQ(normal_form("\x1b"), "");
  EXPECT_EQ(normal_form("\x1b[3"), "");
}

TEST(MessageKeeper, TheSameSaidOtherwiseChangesNothing) {
  MessageKeeper keeper;
  ServeAnswer first = ill("failed 1 times, pid=10");
  keeper.keep(first, kStart);
  for (int i = 2; i < 300; ++i) {
    ServeAnswer next = ill("failed " + std::to_string(i) + " times, pid=" + std::to_string(i * 7));
    keeper.keep(next, kStart + i * 2s);
    EXPECT_EQ(next, first);
  }
}

TEST(MessageKeeper, WhatNeverSpokeIsHeardAtOnce) {
  MessageKeeper keeper;
  ServeAnswer answer = ill("");
  keeper.keep(answer, kStart);
  answer = ill("first");
  keeper.keep(answer, kStart + 2s);
  EXPECT_EQ(text_of(answer), "first");
}

TEST(MessageKeeper, SilenceWaitsAMinuteAsEveryOtherText) {
  MessageKeeper keeper;
  ServeAnswer answer = ill("first");
  keeper.keep(answer, kStart);
  for (const auto& [after, text] :
       {std::pair{30s, "first"}, std::pair{60s, ""}, std::pair{62s, ""}, std::pair{200s, ""}}) {
    answer = ill("");
    keeper.keep(answer, kStart + after);
    EXPECT_EQ(text_of(answer), text) << after.count();
  }
  answer = ill("second");
  keeper.keep(answer, kStart + 202s);
  EXPECT_EQ(text_of(answer), "second");
}

TEST(MessageKeeper, SomethingElseIsToldAtMostOnceAMinute) {
  MessageKeeper keeper;
  ServeAnswer answer = ill("first");
  keeper.keep(answer, kStart);
  answer = ill("second");
  keeper.keep(answer, kStart + 59s);
  EXPECT_EQ(text_of(answer), "first");
  answer = ill("third");
  keeper.keep(answer, kStart + 60s);
  EXPECT_EQ(text_of(answer), "third");
  answer = ill("fourth");
  keeper.keep(answer, kStart + 119s);
  EXPECT_EQ(text_of(answer), "third");
}

TEST(MessageKeeper, AnotherStatusBringsItsOwnTextAtOnce) {
  MessageKeeper keeper;
  ServeAnswer answer = ill("first", "HEALTH_CHECK_FAILED");
  keeper.keep(answer, kStart);
  answer = ill("second", "REPLICA_STARTUP_FAILED");
  keeper.keep(answer, kStart + 1s);
  EXPECT_EQ(text_of(answer), "second");
}

TEST(MessageKeeper, AnAppThatWentAwayIsForgotten) {
  MessageKeeper keeper;
  ServeAnswer answer = ill("first");
  keeper.keep(answer, kStart);
  ServeAnswer none;
  keeper.keep(none, kStart + 1s);
  answer = ill("second");
  keeper.keep(answer, kStart + 2s);
  EXPECT_EQ(text_of(answer), "second");
}

}  // namespace
}  // namespace raycord

#include "core/watch.h"

#include <gtest/gtest.h>

#include "core/overloaded.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

Object pod(const std::string& name, std::uint64_t version) {
  PodSlice slice;
  slice.meta.ns = "default";
  slice.meta.name = name;
  slice.meta.uid = "uid-" + name;
  slice.meta.version = version;
  return slice;
}

ObjectName pod_name(const std::string& name) { return {Kind::Pod, "default", name}; }

ListedItem listed(const std::string& name, std::uint64_t version) {
  return {pod_name(name), ObjectSeen{pod(name, version)}, "raw " + name};
}

LineObject seen(const std::string& name, std::uint64_t version) {
  return {version, ObjectSeen{pod(name, version)}, "raw " + name};
}

LineObject gone(const std::string& name, std::uint64_t version) {
  return {version, ObjectGone{pod_name(name), "uid-" + name, version, GoneHow::Watched}, ""};
}

CallFailure status(int code, std::string message = "") {
  return {CallTrouble::Status, code, Millis(0), std::move(message)};
}

const CallFailure kEnded{CallTrouble::Ended, 0, Millis(0), ""};
const CallFailure kBroken{CallTrouble::NoAnswer, 0, Millis(0), "reset"};

std::string text_of(const Fact& fact) {
  if (const auto* it = std::get_if<ObjectSeen>(&fact)) {
    return "seen " + meta_of(it->object).name + " " + std::to_string(meta_of(it->object).version);
  }
  if (const auto* it = std::get_if<ObjectGone>(&fact)) {
    return "gone " + it->name.name + " " + std::to_string(it->version) +
           (it->how == GoneHow::Unlisted ? " unlisted" : " watched");
  }
  if (const auto* it = std::get_if<KindListed>(&fact)) {
    return "listed " + std::to_string(it->version) + " asked " + std::to_string(it->asked.value);
  }
  if (const auto* it = std::get_if<KindCaughtUp>(&fact)) {
    return "caught up " + std::to_string(it->version) + " asked " + std::to_string(it->asked.value);
  }
  if (const auto* it = std::get_if<LeftScope>(&fact)) return "left scope: " + it->why;
  if (const auto* it = std::get_if<WorldRestored>(&fact)) {
    return "restored " + std::to_string(it->believed) + " -> " + std::to_string(it->served);
  }
  if (const auto* it = std::get_if<Unreadable>(&fact)) return "unreadable " + it->where;
  return "?";
}

std::string text_of(const WatchCall& call) {
  if (const auto* it = std::get_if<ListCall>(&call)) {
    return "list" + (it->page.empty() ? "" : " " + it->page) +
           (it->limit == kListPage ? "" : " limit " + std::to_string(it->limit));
  }
  if (std::holds_alternative<PeekCall>(call)) return "peek";
  if (const auto* it = std::get_if<StreamCall>(&call)) {
    return "stream " + std::to_string(it->from);
  }
  return "cut";
}

// The items of a list are named, so "shown" is what the loop compares with what it believes.
std::string text_of(const Observation& observation) {
  return std::visit(Overloaded{
                        [](const Report& report) { return text_of(report.fact); },
                        [](const CompleteList& list) {
                          std::string text = "shown at " + std::to_string(list.version) + ":";
                          for (const ObjectName& name : list.present) text += " " + name.name;
                          return text + (list.restored ? " (restored)" : "");
                        },
                        [](const NotOurs& other) { return "not ours " + other.gone.name.name; },
                    },
                    observation);
}

using Texts = std::vector<std::string>;

class WatchTest : public testing::Test {
 protected:
  Texts calls() {
    Texts texts;
    while (const auto call = watch.next_call(now)) texts.push_back(text_of(*call));
    return texts;
  }

  Texts facts() {
    Texts texts;
    for (const Observation& one : watch.take_observations()) texts.push_back(text_of(one));
    return texts;
  }

  // Brings the watch to an open stream from `version`, with a peek answered.
  void reach_stream(std::uint64_t version, std::vector<ListedItem> items = {}) {
    watch.begin(0, {});
    calls();
    watch.on_page(now, {version, "", std::move(items)});
    calls();
    watch.on_peek(now, version);
    facts();
  }

  Time now{1'000'000ms};
  Watch watch{Kind::Pod, "default"};
};

TEST_F(WatchTest, ListsInPagesThenWatchesFromTheListsVersion) {
  watch.begin(0, Seq{7});
  EXPECT_EQ(calls(), Texts{"list"});
  watch.on_page(now, {100, "token", {listed("a", 90)}});
  EXPECT_EQ(facts(), Texts{"seen a 90"});
  EXPECT_EQ(calls(), Texts{"list token"});
  watch.on_page(now, {100, "", {listed("b", 95)}});
  EXPECT_EQ(facts(), (Texts{"seen b 95", "shown at 100: a b", "listed 100 asked 7"}));
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_peek(now, 100);
  EXPECT_EQ(calls(), Texts{});
  EXPECT_EQ(facts(), Texts{});
}

TEST_F(WatchTest, ReportsTheBytesThatShowedAnObject) {
  reach_stream(100);
  watch.on_line(now, seen("a", 101));
  const std::vector<Observation> observations = watch.take_observations();
  ASSERT_EQ(observations.size(), 1u);
  EXPECT_EQ(std::get<Report>(observations[0]).raw, "raw a");
}

TEST_F(WatchTest, OnlyACompleteListSaysWhatIsThere) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "token", {listed("a", 90)}});
  EXPECT_EQ(facts(), Texts{"seen a 90"});
  calls();
  watch.on_page(now, {100, "", {}});
  EXPECT_EQ(facts(), (Texts{"shown at 100: a", "listed 100 asked 0"}));
}

TEST_F(WatchTest, AnItemThatCannotBeReadIsThere) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "", {{pod_name("odd"), Unreadable{"Pod default/odd", "", 1, {}}, ""}}});
  EXPECT_EQ(facts(),
            (Texts{"unreadable Pod default/odd", "shown at 100: odd", "listed 100 asked 0"}));
}

TEST_F(WatchTest, AListWithANamelessItemProvesNoAbsence) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "", {{{}, Unreadable{"Pod", "", 1, {}}, ""}}});
  EXPECT_EQ(facts(), (Texts{"unreadable Pod", "listed 100 asked 0"}));
}

TEST_F(WatchTest, AnExpiredTokenStartsTheListAgain) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "token", {listed("b", 90)}});
  EXPECT_EQ(calls(), Texts{"list token"});
  watch.on_list_failed(now, status(410));
  EXPECT_EQ(calls(), Texts{"list"});
  facts();
  watch.on_page(now, {130, "", {listed("a", 90)}});  // b went meanwhile.
  EXPECT_EQ(facts(), (Texts{"seen a 90", "shown at 130: a", "listed 130 asked 0"}));
}

TEST_F(WatchTest, APageOfAnotherVersionStartsTheListAgain) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "token", {}});
  calls();
  watch.on_page(now, {101, "", {}});
  EXPECT_EQ(facts(), Texts{});
  now = watch.next_wake();
  EXPECT_EQ(calls(), Texts{"list"});
}

TEST_F(WatchTest, APageTooLargeIsAskedForInSmallerOnes) {
  watch.begin(0, {});
  calls();
  const CallFailure too_large{CallTrouble::TooLarge, 0, Millis(0), "too large"};
  watch.on_list_failed(now, too_large);
  EXPECT_EQ(calls(), Texts{"list limit 125"});
  watch.on_list_failed(now, too_large);
  watch.next_call(now);
  watch.on_list_failed(now, too_large);
  watch.next_call(now);
  watch.on_list_failed(now, too_large);
  EXPECT_EQ(calls(), Texts{"list limit 1"});
  EXPECT_EQ(facts(), Texts{});
  watch.on_list_failed(now, too_large);
  EXPECT_EQ(facts(), Texts{"unreadable list Pod default"});
  EXPECT_EQ(calls(), Texts{});
  EXPECT_GT(watch.next_wake(), now);
}

TEST_F(WatchTest, ResumesAfterARestartWithoutAList) {
  watch.begin(100, Seq{50});
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_line(now, seen("a", 105));
  watch.on_peek(now, 108);
  EXPECT_EQ(facts(), Texts{"seen a 105"});
  watch.on_line(now, LinePassed{108});
  EXPECT_EQ(facts()[0], "caught up 108 asked 50");
}

TEST_F(WatchTest, ResumesAtTheBookmarkWhenTheStreamBreaks) {
  reach_stream(100);
  watch.on_line(now, LinePassed{140});
  now += 15s;
  watch.on_stream_ended(now, kBroken);
  EXPECT_EQ(calls(), (Texts{"stream 140", "peek"}));
}

TEST_F(WatchTest, ReportsHowFarItIsOnceAMinute) {
  reach_stream(100);
  watch.on_line(now, LinePassed{110});
  EXPECT_EQ(facts(), Texts{});
  now += kProgressEvery;
  watch.on_line(now, LinePassed{120});
  EXPECT_EQ(facts(), Texts{"caught up 120 asked 0"});
  watch.on_line(now, LinePassed{121});
  EXPECT_EQ(facts(), Texts{});
}

TEST_F(WatchTest, WhatIsNotOursPassesAndIsLeftToTheLoopToJudge) {
  reach_stream(100);
  watch.on_line(now, LineNotOurs{104, {pod_name("a"), "uid-a", 104, GoneHow::Watched}});
  EXPECT_EQ(facts(), Texts{"not ours a"});
  EXPECT_EQ(watch.position(), 104u);
  now += kProgressEvery;
  watch.on_line(now, LineNotOurs{105, {pod_name("b"), "uid-b", 105, GoneHow::Watched}});
  EXPECT_EQ(facts(), (Texts{"not ours b", "caught up 105 asked 0"}));
}

TEST_F(WatchTest, GoneInMidWatchMeansANewListAtOnce) {
  reach_stream(100);
  watch.on_line(now, LineError{410, "too old resource version"});
  EXPECT_EQ(calls(), (Texts{"cut", "list"}));
  watch.on_line(now, seen("late", 101));  // Of the stream that is cut.
  EXPECT_EQ(facts(), Texts{});
}

TEST_F(WatchTest, GoneAtOpeningMeansANewListAtOnce) {
  watch.begin(100, {});
  calls();
  watch.on_stream_ended(now, status(410));
  EXPECT_EQ(calls(), Texts{"list"});
}

TEST_F(WatchTest, ALineThatCannotBeReadIsReportedAndHealedByAList) {
  reach_stream(100);
  watch.on_line(now, LineGarbage{{"watch Pod default", "not JSON", 5, hash_of("{\"ty")}});
  EXPECT_EQ(facts(), Texts{"unreadable watch Pod default"});
  EXPECT_EQ(calls(), Texts{"cut"});
  now += kCallBackOffFirst;
  EXPECT_EQ(calls(), Texts{"list"});
}

TEST_F(WatchTest, AnObjectThatCannotBeSlicedDoesNotStopTheStream) {
  reach_stream(100);
  watch.on_line(now, LineObject{101, Unreadable{"Pod default/odd", "", 9, {}}, ""});
  watch.on_line(now, seen("a", 102));
  EXPECT_EQ(facts(), (Texts{"unreadable Pod default/odd", "seen a 102"}));
  EXPECT_EQ(watch.position(), 102u);
}

TEST_F(WatchTest, ForbiddenIsLeftScopeAndNeverADeletion) {
  reach_stream(100, {listed("a", 90)});
  now += 60s;
  watch.on_stream_ended(now, status(403, "pods is forbidden"));
  EXPECT_EQ(facts(), Texts{"left scope: pods is forbidden"});
  EXPECT_EQ(calls(), Texts{});
  now += kAwayRetry;
  EXPECT_EQ(calls(), Texts{"list"});
  watch.on_list_failed(now, status(403, "pods is forbidden"));
  EXPECT_EQ(facts(), Texts{});  // Said already.
  EXPECT_EQ(watch.phase(), WatchPhase::Away);
  now += kAwayRetry;
  calls();
  watch.on_page(now, {200, "", {listed("a", 90)}});
  EXPECT_EQ(facts(), (Texts{"seen a 90", "shown at 200: a", "listed 200 asked 0"}));
}

TEST_F(WatchTest, AKindThatIsNotInstalledIsLeftScope) {
  watch.begin(0, {});
  calls();
  watch.on_list_failed(now, status(404));
  EXPECT_EQ(facts(), Texts{"left scope: HTTP 404"});
}

TEST_F(WatchTest, AWorldThatIsOlderTwiceInARowIsRestored) {
  reach_stream(320, {listed("a", 300), listed("b", 310)});
  now += 60s;
  watch.on_stream_ended(now, kBroken);
  EXPECT_EQ(calls(), (Texts{"stream 320", "peek"}));
  watch.on_peek(now, 200);
  EXPECT_EQ(calls(), Texts{"cut"});
  EXPECT_EQ(facts(), Texts{});
  now += kRestoredRecheck;
  EXPECT_EQ(calls(), Texts{"list"});
  watch.on_page(now, {201, "", {listed("a", 150)}});
  EXPECT_EQ(facts(), (Texts{"restored 320 -> 201", "seen a 150", "shown at 201: a (restored)",
                            "listed 201 asked 0"}));
  EXPECT_EQ(calls(), (Texts{"stream 201", "peek"}));
}

TEST_F(WatchTest, AnOlderWorldSeenOnceIsNotBelieved) {
  reach_stream(320, {listed("a", 300)});
  watch.on_line(now, LineError{410, ""});
  calls();
  watch.on_page(now, {200, "", {}});
  EXPECT_EQ(facts(), Texts{});
  now += kRestoredRecheck;
  calls();
  watch.on_page(now, {330, "", {listed("a", 300)}});
  EXPECT_EQ(facts(), (Texts{"seen a 300", "shown at 330: a", "listed 330 asked 0"}));
}

TEST_F(WatchTest, APeekOvertakenByTheStreamIsNoOlderWorld) {
  watch.begin(100, {});
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_line(now, seen("a", 130));
  watch.on_peek(now, 120);  // Read before the event was.
  EXPECT_EQ(calls(), Texts{});
  EXPECT_EQ(watch.phase(), WatchPhase::Watching);
}

TEST_F(WatchTest, ABarrierIsAnsweredWhenTheStreamPassesItsVersion) {
  reach_stream(100);
  watch.ask_barrier(Seq{9});
  EXPECT_EQ(calls(), Texts{"peek"});
  watch.on_peek(now, 110);
  watch.on_line(now, seen("a", 109));
  EXPECT_EQ(facts(), Texts{"seen a 109"});
  watch.on_line(now, gone("a", 110));
  EXPECT_EQ(facts(), (Texts{"gone a 110 watched", "caught up 110 asked 9"}));
  EXPECT_EQ(calls(), Texts{});
}

TEST_F(WatchTest, ABarrierOnAQuietKindIsAnsweredAtOnce) {
  reach_stream(100);
  watch.ask_barrier(Seq{9});
  calls();
  watch.on_peek(now, 100);
  EXPECT_EQ(facts(), Texts{"caught up 100 asked 9"});
}

TEST_F(WatchTest, AListAnswersABarrierThatAnIdleStreamDoesNotPass) {
  reach_stream(100);
  watch.ask_barrier(Seq{9});
  calls();
  watch.on_peek(now, 150);
  EXPECT_EQ(calls(), Texts{});
  EXPECT_EQ(watch.next_wake(), now + kBarrierPatience);
  now += kBarrierPatience;
  EXPECT_EQ(calls(), (Texts{"cut", "list"}));
  watch.on_page(now, {160, "", {}});
  EXPECT_EQ(facts(), (Texts{"shown at 160:", "listed 160 asked 9"}));
  EXPECT_EQ(calls(), (Texts{"stream 160", "peek"}));
  watch.on_peek(now, 170);
  EXPECT_EQ(facts(), Texts{});
  EXPECT_EQ(watch.next_wake(), Time::max());
}

TEST_F(WatchTest, ListsForBarriersKeepTheirDistance) {
  reach_stream(100);
  watch.ask_barrier(Seq{9});
  calls();
  watch.on_peek(now, 150);
  now += kBarrierPatience;
  const Time listed_at = now;
  EXPECT_EQ(calls(), (Texts{"cut", "list"}));
  watch.on_page(now, {160, "", {}});
  watch.ask_barrier(Seq{12});
  EXPECT_EQ(calls(), (Texts{"stream 160", "peek"}));
  watch.on_peek(now, 165);
  facts();
  EXPECT_EQ(watch.next_wake(), listed_at + kBarrierListEvery);
  watch.on_line(now, LinePassed{165});  // The stream may still be faster.
  EXPECT_EQ(facts(), Texts{"caught up 165 asked 12"});
}

TEST_F(WatchTest, ABarrierSurvivesTheEndOfItsStream) {
  reach_stream(100);
  now += kStreamWell;
  watch.ask_barrier(Seq{9});
  calls();
  watch.on_peek(now, 150);
  watch.on_stream_ended(now, kEnded);
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_peek(now, 155);
  watch.on_line(now, seen("a", 151));
  EXPECT_EQ(facts(), (Texts{"seen a 151", "caught up 151 asked 9"}));
}

TEST_F(WatchTest, ABarrierAskedWhileAPeekIsUnderWayIsPeekedAgain) {
  reach_stream(100);
  watch.ask_barrier(Seq{9});
  EXPECT_EQ(calls(), Texts{"peek"});
  watch.ask_barrier(Seq{12});
  watch.on_peek(now, 100);
  EXPECT_EQ(facts(), Texts{"caught up 100 asked 9"});
  EXPECT_EQ(calls(), Texts{"peek"});
  watch.on_peek(now, 100);
  EXPECT_EQ(facts(), Texts{"caught up 100 asked 12"});
}

TEST_F(WatchTest, AListStartedBeforeABarrierDoesNotAnswerIt) {
  watch.note_newest(Seq{3});
  watch.begin(0, {});
  calls();
  watch.ask_barrier(Seq{9});
  watch.on_page(now, {100, "", {}});
  EXPECT_EQ(facts(), (Texts{"shown at 100:", "listed 100 asked 3"}));
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_peek(now, 100);
  EXPECT_EQ(facts(), Texts{"caught up 100 asked 9"});
}

TEST_F(WatchTest, FailuresWaitLongerEachTimeAndNotLongerThanTheLimit) {
  watch.begin(0, {});
  Millis longest{0};
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(calls(), Texts{"list"}) << i;
    watch.on_list_failed(now, status(503, "overloaded"));
    EXPECT_EQ(watch.trouble(), "overloaded");
    const auto wait = watch.next_wake() - now;
    EXPECT_GE(wait, longest);
    longest = wait;
    now = watch.next_wake();
  }
  EXPECT_EQ(longest, kCallBackOffMax);
}

TEST_F(WatchTest, WaitsAsLongAsTheServerAsks) {
  watch.begin(0, {});
  calls();
  watch.on_list_failed(now, {CallTrouble::Status, 429, 7s, "too many requests"});
  EXPECT_EQ(watch.next_wake(), now + 7s);
}

TEST_F(WatchTest, AFailedPageIsAskedForAgainWithTheSameToken) {
  watch.begin(0, {});
  calls();
  watch.on_page(now, {100, "token", {}});
  calls();
  watch.on_list_failed(now, kBroken);
  now = watch.next_wake();
  EXPECT_EQ(calls(), Texts{"list token"});
}

TEST_F(WatchTest, ASilentStreamIsOpenedAgainFromWhereItWas) {
  reach_stream(100);
  watch.on_line(now, seen("a", 104));
  now += 90s;
  watch.on_stream_ended(now, {CallTrouble::NoAnswer, 0, Millis(0), "silent for 90s"});
  EXPECT_EQ(calls(), (Texts{"stream 104", "peek"}));
}

TEST_F(WatchTest, AStreamThatEndsAtOnceIsNotOpenedInATightLoop) {
  reach_stream(100);
  watch.on_stream_ended(now, kEnded);
  EXPECT_EQ(calls(), Texts{});
  now = watch.next_wake();
  EXPECT_EQ(calls(), (Texts{"stream 100", "peek"}));
  watch.on_peek(now, 100);
  watch.on_stream_ended(now, kEnded);
  EXPECT_EQ(watch.next_wake(), now + 2 * kCallBackOffFirst);
}

}  // namespace
}  // namespace raycord

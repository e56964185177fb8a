#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "replay/table.h"
#include "test/replay/cli_fixture.h"

namespace raycord {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

const std::vector<std::string> kUpgrade = {"set /spec/rayClusterConfig/rayVersion \"2.100.0\"",
                                           "apply", "run 100s"};
const std::vector<std::string> kFailover = {"set /spec/deploymentUnhealthySecondThreshold 30",
                                            "apply",
                                            "run 20s",
                                            "fault faults {\"mode\": \"hang\"}",
                                            "run 45s",
                                            "fault faults {\"mode\": \"clear\"}",
                                            "run 120s"};

using Timeline = CliTest;
using Why = CliTest;
using StateCommand = CliTest;
using Get = CliTest;

// Positions of texts in an answer, in this order.
void expect_in_order(const std::string& text, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (const std::string& part : parts) {
    const std::size_t found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << "no \"" << part << "\" from here on:\n"
                                        << text.substr(at) << "\nof\n"
                                        << text;
    at = found;
  }
}

TEST_F(Timeline, TellsAnUpgrade) {
  play(kUpgrade);
  const Answer answer = raycord({"timeline", kService});
  EXPECT_EQ(answer.code, 0) << answer.err;
  expect_in_order(answer.out, {"operator started", "RayService first seen", "start-first-cluster",
                               "is Ready", "traffic goes to", "RayService edited: cluster spec",
                               "start-upgrade", "switch-head-service", "switch-serve-service",
                               "upgrade took", "mark-drain", "delete-old-cluster"});
  EXPECT_THAT(answer.out, Not(HasSubstr("write-service-status")));
}

TEST_F(Timeline, TellsAFailover) {
  play(kFailover);
  const Answer answer = raycord({"timeline", kService, "-o", "wide"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  expect_in_order(answer.out, {"does not answer: timeout", "fail-over-silent-dashboard",
                               "traffic goes to", "failover took"});
}

TEST_F(Timeline, FitsAHundredColumns) {
  play(kUpgrade);
  std::istringstream lines(raycord({"timeline", kService}, {.is_terminal = true}).out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(width_of(line), 100U) << line;
  }
  EXPECT_GT(count, 15);
}

TEST_F(Timeline, IsCutOnATerminalOnly) {
  play(kUpgrade);
  const Terminal narrow = {.is_terminal = true, .width = 50};
  EXPECT_THAT(raycord({"timeline", kService}, narrow).out, HasSubstr("…"));
  Terminal pipe = narrow;
  pipe.is_terminal = false;
  EXPECT_THAT(raycord({"timeline", kService}, pipe).out, Not(HasSubstr("…")));
}

TEST_F(Timeline, MarksDecisionsThatWereDone) {
  play();
  const Json lines = Json::parse(raycord({"timeline", kService, "-o", "json"}).out);
  bool found = false;
  for (const Json& line : lines) {
    if (line.value("rule", "") != "start-first-cluster") continue;
    found = true;
    EXPECT_THAT(line["outcome"].get<std::string>(), StartsWith("done in "));
  }
  EXPECT_TRUE(found);
}

TEST_F(Timeline, TellsHousekeepingOnlyWhenAsked) {
  play();
  EXPECT_THAT(raycord({"timeline", kService, "--all"}).out, HasSubstr("write-service-status"));
}

TEST_F(Timeline, TellsWhatFailed) {
  play(
      {"fault faults {\"target\": \"apiserver\", \"mode\": \"error\", \"code\": 403, "
       "\"method\": \"POST\", \"path\": \"/apis/ray.io\"}",
       "set /spec/rayClusterConfig/rayVersion \"2.100.0\"", "apply", "run 20s"});
  const Answer answer = raycord({"timeline", kService});
  EXPECT_THAT(answer.out, HasSubstr("✗ refused 403"));
}

TEST_F(Timeline, OfAllNamespacesNamesThem) {
  play();
  const Answer all = raycord({"timeline", "-A"});
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("NAMESPACE"));
  const Answer none = raycord({"timeline", "-n", "elsewhere"});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.out, Not(HasSubstr("RayService first seen")));
}

TEST_F(Timeline, FollowsAndTellsEachLineOnce) {
  play();
  pauses_ = {[&] {
               for (const std::string& command : kUpgrade) player_.play(command);
               log_.take(player_.sim().log());
             },
             [] {}};
  const std::string out = raycord({"timeline", kService, "-w"}).out;
  expect_in_order(out, {"start-first-cluster", "start-upgrade", "delete-old-cluster"});
  EXPECT_EQ(out.find("start-upgrade"), out.rfind("start-upgrade"));
}

TEST_F(Timeline, SuggestsNamesThatAreNear) {
  play();
  const Answer typo = raycord({"timeline", "rayservice-sampel"});
  EXPECT_EQ(typo.code, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean rayservice-sample?"));
  const Answer elsewhere = raycord({"timeline", kService, "-n", "prod"});
  EXPECT_EQ(elsewhere.code, 2);
  EXPECT_THAT(elsewhere.err, HasSubstr("say -n default"));
  EXPECT_EQ(raycord({"timeline", std::string("rayservice/default/") + kService}).code, 0);
}

TEST_F(Why, NamesRuleCausesAndTheEdit) {
  play(kUpgrade);
  const Answer answer = raycord({"why", first_event("start-upgrade")});
  EXPECT_EQ(answer.code, 0) << answer.err;
  expect_in_order(answer.out, {"decided: create RayCluster", "start-upgrade (rule 4, revision 2)",
                               "The cluster spec was changed", "done after", "because"});
  EXPECT_THAT(answer.out, HasSubstr("spec.rayClusterConfig.rayVersion: "));
  EXPECT_THAT(answer.out, HasSubstr("→ 2.100.0"));
  EXPECT_THAT(answer.out, HasSubstr("start-first-cluster (rule 2"));
}

TEST_F(Why, TellsTheChangesOfAnEditOnce) {
  play(kUpgrade);
  const std::string text = raycord({"why", first_event("delete-old-cluster")}).out;
  const std::string change = "spec.rayClusterConfig.rayVersion: ";
  const std::size_t told = text.find(change);
  ASSERT_NE(told, std::string::npos) << text;
  EXPECT_EQ(text.find(change, told + 1), std::string::npos) << text;
  EXPECT_NE(text.find("its changes are told above", told), std::string::npos) << text;
}

TEST_F(Why, FollowsDecisionsAsFarAsAsked) {
  play(kUpgrade);
  const std::string event = first_event("start-upgrade");
  EXPECT_THAT(raycord({"why", event, "--depth", "0"}).out, Not(HasSubstr("start-first-cluster")));
}

TEST_F(Why, LeadsFromAnOutcomeToItsDecision) {
  play();
  const Json decision =
      Json::parse(raycord({"why", first_event("start-first-cluster"), "-o", "json"}).out);
  const Json outcomes =
      Json::parse(raycord({"log", "ls", "--kind", "WriteDone", "-o", "json"}).out);
  const std::string seq = number_of(decision["event"]);
  for (const Json& outcome : outcomes) {
    if (std::to_string(outcome["decided"].get<std::uint64_t>()) != seq) continue;
    const Answer answer = raycord({"why", outcome["event"], "-o", "json"});
    EXPECT_EQ(Json::parse(answer.out), decision);
    return;
  }
  FAIL() << "no outcome of " << decision["event"];
}

TEST_F(Why, SaysWhoCitesAFact) {
  play();
  const Json decision =
      Json::parse(raycord({"log", "show", first_event("start-first-cluster"), "-o", "json"}).out);
  const std::string cause = decision["causes"].back()["event"];
  const Answer answer = raycord({"why", cause});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("cited by"));
  EXPECT_THAT(answer.out, HasSubstr("start-first-cluster"));
}

TEST_F(Why, OfAFailoverShowsTheSilence) {
  play(kFailover);
  const Answer answer = raycord({"why", first_event("fail-over-silent-dashboard")});
  EXPECT_THAT(answer.out, HasSubstr("dashboard of"));
  EXPECT_THAT(answer.out, HasSubstr("timeout"));
}

TEST_F(StateCommand, ShowsWhatWasBelievedThen) {
  play(kUpgrade);
  const std::string upgrade = first_event("start-upgrade");
  const Answer then = raycord({"state", kService, "--at", upgrade});
  EXPECT_EQ(then.code, 0) << then.err;
  EXPECT_THAT(then.out, HasSubstr("after " + upgrade));
  EXPECT_THAT(then.out, HasSubstr("a RayCluster is being created"));
  EXPECT_THAT(then.out, HasSubstr("under way: RayCluster "));
  const Answer now = raycord({"state", kService});
  EXPECT_THAT(now.out, Not(HasSubstr("is being created")));
  EXPECT_THAT(now.out, HasSubstr(": active"));
}

TEST_F(StateCommand, HasTheDigestThatReplayHas) {
  play();
  const Json state = Json::parse(raycord({"state", kService, "-o", "json"}).out);
  const Json replay = Json::parse(raycord({"replay", "--digests", "-o", "json"}).out);
  EXPECT_EQ(state["digest"], replay["digests"]["rayservice/default/rayservice-sample"]);
  EXPECT_EQ(state["state"]["clusters"].size(), 1U);
}

TEST_F(StateCommand, SaysWhenNothingWasBelieved) {
  play();
  const Answer answer = raycord({"state", kService, "--at", "1"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_THAT(answer.err, HasSubstr("nothing was believed"));
  const Answer early = raycord({"state", kService, "--at-time", "2000-01-01T00:00:00Z"});
  EXPECT_EQ(early.code, 2);
  EXPECT_THAT(early.err, HasSubstr("nothing as old as"));
}

TEST_F(Get, ShowsAnObjectAsItWas) {
  play(kUpgrade);
  const std::string upgrade = first_event("start-upgrade");
  const std::string before = std::to_string(std::stoull(number_of(upgrade)) - 2);
  const Json old = Json::parse(raycord({"get", kService, "--at", before, "-o", "json"}).out);
  const Json now = Json::parse(raycord({"get", kService, "-o", "json"}).out);
  EXPECT_NE(old["spec"]["rayClusterConfig"]["rayVersion"], "2.100.0");
  EXPECT_EQ(now["spec"]["rayClusterConfig"]["rayVersion"], "2.100.0");
  EXPECT_THAT(raycord({"get", kService, "-o", "yaml"}).out, HasSubstr("rayVersion: 2.100.0\n"));
  EXPECT_THAT(raycord({"get", kService}).out, HasSubstr("RESOURCEVERSION"));
}

TEST_F(Get, SaysWhenAnObjectIsGone) {
  play(kUpgrade);
  const Json deletion =
      Json::parse(raycord({"log", "show", first_event("delete-old-cluster"), "-o", "json"}).out);
  const std::string object = deletion["decision"]["effect"]["object"];
  const std::string name = object.substr(object.find('/') + 1);
  const Answer gone = raycord({"get", "raycluster/" + name, "-o", "yaml"});
  EXPECT_EQ(gone.code, 2);
  EXPECT_THAT(gone.err, HasSubstr("is gone since event"));
  const Answer before = raycord(
      {"get", "raycluster/" + name, "-o", "yaml", "--at", first_event("delete-old-cluster")});
  EXPECT_EQ(before.code, 0) << before.err;
  EXPECT_THAT(before.out, HasSubstr("kind: RayCluster"));
}

TEST_F(Get, SaysWhatItDoesNotKnow) {
  play();
  const Answer kind = raycord({"get", "deployment/x"});
  EXPECT_EQ(kind.code, 2);
  EXPECT_THAT(kind.err, HasSubstr("no objects of kind \"deployment\""));
  const Answer name = raycord({"get", "rayservice-sampl"});
  EXPECT_EQ(name.code, 2);
  EXPECT_THAT(name.err, HasSubstr("did you mean rayservice-sample?"));
}

}  // namespace
}  // namespace raycord

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "test/replay/cli_fixture.h"

namespace raycord {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

using LogCommands = CliTest;

TEST_F(LogCommands, ListEventsAsATable) {
  play();
  const Answer answer = raycord({"log", "ls", "--to", "12"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, StartsWith("SEQ"));
  EXPECT_THAT(answer.out, HasSubstr("Started"));
  EXPECT_THAT(answer.out, HasSubstr("run started: build"));
  EXPECT_THAT(answer.out, Not(HasSubstr("\n13  ")));
}

TEST_F(LogCommands, ListOneEventWhereFromAndToAreEqual) {
  play();
  const Answer answer = raycord({"log", "ls", "--from", "7", "--to", "7", "-o", "name"});
  EXPECT_EQ(answer.out, log_.log().identity().id.short_form() + ":7\n");
}

TEST_F(LogCommands, ListTheKindAskedFor) {
  play();
  const Json list =
      Json::parse(raycord({"log", "ls", "--kind", "start-first-cluster", "-o", "json"}).out);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["effect"]["kind"], "CreateCluster");
  EXPECT_EQ(list[0]["effect"]["purpose"], "first");
  const Answer typo = raycord({"log", "ls", "--kind", "ProbRun"});
  EXPECT_EQ(typo.code, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean ProbeRun?"));
}

TEST_F(LogCommands, ListEventsOfOnePartition) {
  play();
  const Json list = Json::parse(raycord({"log", "ls", "--partition", kService, "-o", "json"}).out);
  ASSERT_GT(list.size(), 20U);
  for (const Json& event : list) {
    EXPECT_EQ(event["partition"], "rayservice/default/rayservice-sample") << event;
  }
}

TEST_F(LogCommands, ListEventsSinceATime) {
  play({"run 60s"});
  const std::string middle = to_rfc3339_millis(player_.sim().now() - std::chrono::seconds(60));
  const Json list = Json::parse(raycord({"log", "ls", "--since", "60s", "-o", "json"}).out);
  ASSERT_FALSE(list.empty());
  for (const Json& event : list) EXPECT_GE(event["time"].get<std::string>(), middle);
  const Json all = Json::parse(raycord({"log", "ls", "-o", "json"}).out);
  EXPECT_LT(list.size(), all.size());
}

TEST_F(LogCommands, FollowWhatIsAppended) {
  play();
  const std::uint64_t before = log_.log().next_seq();
  pauses_ = {[] {},
             [&] {
               player_.play("run 120s");
               log_.take(player_.sim().log());
             }};
  const Answer answer =
      raycord({"log", "ls", "-w", "-o", "json", "--from", std::to_string(before)});
  EXPECT_EQ(answer.code, 0) << answer.err;
  const Json first = Json::parse(answer.out.substr(0, answer.out.find('\n')));
  EXPECT_EQ(first["event"], log_.log().identity().id.short_form() + ":" + std::to_string(before));
}

TEST_F(LogCommands, ShowADecisionWithCausesAndOutcome) {
  play();
  const Answer answer = raycord({"log", "show", first_event("start-first-cluster"), "-o", "json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const Json event = Json::parse(answer.out);
  EXPECT_EQ(event["decision"]["rule"], "start-first-cluster");
  EXPECT_THAT(event["outcome"].get<std::string>(), StartsWith("done after "));
  ASSERT_FALSE(event["causes"].empty());
  EXPECT_THAT(event["causes"][0]["text"].get<std::string>(), HasSubstr("RayService"));
}

TEST_F(LogCommands, ShowTheRawObject) {
  play();
  const Answer answer = raycord({"log", "show", first_event("ObjectSeen"), "--raw"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(Json::parse(answer.out)["kind"], "RayService");
  const Answer none = raycord({"log", "show", "1", "--raw"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("brought no raw object"));
}

TEST_F(LogCommands, SayTheRangeWhenAnEventIsOutOfIt) {
  play();
  const std::string last = std::to_string(log_.log().next_seq() - 1);
  for (const char* command : {"show", "why"}) {
    std::vector<std::string> arguments = {"999999"};
    arguments.insert(arguments.begin(), command);
    if (std::string(command) == "show") arguments.insert(arguments.begin(), "log");
    const Answer answer = raycord(arguments);
    EXPECT_EQ(answer.code, 2);
    EXPECT_THAT(answer.err, HasSubstr("holds events 1 to " + last));
  }
}

TEST_F(LogCommands, KnowEventsOfOtherLogs) {
  play();
  const Answer other = raycord({"log", "show", "zzzzz:4"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("belongs to another log"));
  const Answer bad = raycord({"log", "show", "four"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("\"four\" is not an event"));
}

TEST_F(LogCommands, GiveFiguresThatAddUp) {
  play();
  const Json figures = Json::parse(raycord({"log", "stat", "-o", "json"}).out);
  std::uint64_t kinds = 0;
  for (const auto& [kind, count] : figures["kinds"].items()) kinds += count.get<std::uint64_t>();
  std::uint64_t partitions = 0;
  for (const auto& [name, count] : figures["partitions"].items()) {
    partitions += count.get<std::uint64_t>();
  }
  EXPECT_EQ(kinds, figures["events"]);
  EXPECT_EQ(partitions, figures["events"]);
  EXPECT_EQ(figures["events"], log_.log().next_seq() - 1);
  EXPECT_GT(figures["bytes"]["raw"], 1000);
  EXPECT_THAT(raycord({"log", "stat"}).out, HasSubstr("rayservice/default/rayservice-sample"));
}

TEST_F(LogCommands, VerifyAnIntactLog) {
  play();
  const Answer answer = raycord({"log", "verify"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, StartsWith("intact: "));
}

TEST_F(LogCommands, VerifyFindsAFrameThatWasChanged) {
  play();
  RocksColumns& columns = log_.log().columns();
  const std::unique_ptr<Cursor> cursor = columns.cursor(Column::Frames);
  cursor->seek("");
  for (int i = 0; i < 5; ++i) cursor->next();
  std::string value(cursor->value());
  value.back() = static_cast<char>(value.back() ^ 1);
  ASSERT_TRUE(static_cast<bool>(
      columns.put({{Column::Frames, std::string(cursor->key()), value}}, RocksColumns::Sync::Yes)));
  const Answer answer = raycord({"log", "verify"});
  EXPECT_EQ(answer.code, 1) << answer.err;
  EXPECT_THAT(answer.out, StartsWith("damaged after event "));
}

TEST_F(LogCommands, VerifyFindsAnIndexEntryThatIsMissing) {
  play();
  RocksColumns& columns = log_.log().columns();
  const std::unique_ptr<Cursor> cursor = columns.cursor(Column::Index);
  cursor->seek("");
  const std::string key(cursor->key());
  ASSERT_TRUE(static_cast<bool>(columns.replace({{Column::Index, key, key + '\0'}}, {})));
  const Answer answer = raycord({"log", "verify"});
  EXPECT_EQ(answer.code, 1) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("the index misses"));
}

TEST_F(LogCommands, AcceptALossOnlyWhenToldTwice) {
  play();
  const Answer unsure = raycord({"log", "accept-loss"});
  EXPECT_EQ(unsure.code, 2);
  EXPECT_THAT(unsure.err, HasSubstr("--yes"));
  const Answer in_use = raycord({"log", "accept-loss", "--yes"});
  EXPECT_EQ(in_use.code, 2);
  EXPECT_THAT(in_use.err, HasSubstr("in use"));
}

TEST_F(LogCommands, AcceptTheLossOfSyncedFrames) {
  play();
  const std::uint64_t last = log_.log().mark().seq;
  log_.close();
  const std::string witness = std::to_string(last + 50) + ":000102030405060708090a0b0c0d0e0f";
  const Answer answer = raycord({"log", "accept-loss", "--yes", "--witness", witness});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("good up to event " + std::to_string(last)));
  const Answer again = raycord({"log", "accept-loss", "--yes", "--witness", "12:xyz"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("is not a witness"));
}

TEST_F(LogCommands, ReplayToTheSame) {
  play();
  const Answer answer = raycord({"replay", "--digests"});
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  EXPECT_THAT(answer.out, StartsWith("same: "));
  EXPECT_THAT(answer.out, HasSubstr("0 divergences"));
  EXPECT_THAT(answer.out, HasSubstr("DIGEST"));
  const Json report = Json::parse(raycord({"replay", "-o", "json"}).out);
  EXPECT_EQ(report["divergences"], 0);
  EXPECT_TRUE(report["first"].is_null());
}

TEST_F(LogCommands, ReplayReportsATamperedDecision) {
  Seq tampered;
  change_ = [&](Frame& frame) {
    for (Decision& decision : frame.decisions) {
      if (decision.rule != Rule::StartFirstCluster) continue;
      std::get<CreateCluster>(decision.effect).attempt = 5;
      tampered = decision.seq;
    }
  };
  play();
  const Answer answer = raycord({"replay"});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.out, StartsWith("diverged: "));
  EXPECT_THAT(answer.out, HasSubstr(":" + std::to_string(tampered.value) + "  "));
  EXPECT_THAT(answer.out, HasSubstr("field      effect.attempt"));
  EXPECT_THAT(answer.out, HasSubstr("expected   5"));
  EXPECT_THAT(answer.out, HasSubstr("got        1"));
}

TEST_F(LogCommands, ReplayFoldsAPartitionAlone) {
  play();
  const Answer answer = raycord({"replay", "--alone", kService});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.out, HasSubstr("folds alone to what it is among all"));
  const Answer one = raycord({"replay", "--partition", kService});
  EXPECT_EQ(one.code, 0);
}

}  // namespace
}  // namespace raycord

#include "adapters/kube/kube_writer.h"

#include <gtest/gtest.h>

#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

KubeWrite write_of(KubeVerb verb) {
  const std::string object_path = "/api/v1/namespaces/default/pods/a";
  KubeWrite write;
  write.verb = verb;
  write.object = {Kind::Pod, "default", "a"};
  write.uid = verb == KubeVerb::Create ? "" : "uid-a";
  write.body = R"({"the":"body"})";
  write.path = object_path;
  switch (verb) {
    case KubeVerb::Create:
      write.method = "POST";
      write.path = "/api/v1/namespaces/default/pods";
      break;
    case KubeVerb::Change:
      write.method = "PATCH";
      write.content_type = "application/merge-patch+json";
      break;
    case KubeVerb::Status:
      write.method = "PUT";
      write.path = object_path + "/status";
      break;
    case KubeVerb::Delete:
      write.method = "DELETE";
      break;
  }
  return write;
}

std::string intent(const std::string& text) {
  return R"(,"annotations":{"raycord.io/intent":")" + text + R"("})";
}

class KubeWriterTest : public testing::Test {
 protected:
  void send(KubeVerb verb) { writer.send(Seq{12}, write_of(verb), now); }
  Texts facts() { return fact_texts(writer.take_reports()); }

  Time now{1'000'000ms};
  FakeTransport transport;
  KubeApi api{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
  KubeWriter writer{api, transport, "abcde"};
};

TEST_F(KubeWriterTest, ShowsWhatACreationMadeBeforeItsOutcome) {
  send(KubeVerb::Create);
  const HttpRequest request = transport.request("POST /api/v1/namespaces/default/pods");
  EXPECT_EQ(request.body, R"({"the":"body"})");
  EXPECT_EQ(find_header(request.headers, "content-type"), "application/json");
  transport.reply("POST", 201, pod_json("a", 120));
  const std::vector<Report> reports = writer.take_reports();
  EXPECT_EQ(fact_texts(reports), (Texts{"seen Pod default/a 120", "write 12 done at 120"}));
  EXPECT_EQ(reports[0].raw, pod_json("a", 120));
  EXPECT_EQ(std::get<WriteDone>(reports[1].fact).sent, hash_of(R"({"the":"body"})"));
  EXPECT_EQ(writer.in_flight(), 0u);
}

TEST_F(KubeWriterTest, AStatusWriteGivesItsVersionOnly) {
  send(KubeVerb::Status);
  transport.reply("PUT", 200, pod_json("a", 121));
  EXPECT_EQ(facts(), Texts{"write 12 done at 121"});
}

TEST_F(KubeWriterTest, AChangeIsSentWithItsContentType) {
  send(KubeVerb::Change);
  EXPECT_EQ(find_header(transport.request("PATCH").headers, "content-type"),
            "application/merge-patch+json");
  transport.reply("PATCH", 200, pod_json("a", 121));
  EXPECT_EQ(facts(), (Texts{"seen Pod default/a 121", "write 12 done at 121"}));
}

TEST_F(KubeWriterTest, AnObjectThatExistsWithOurIntentIsOurCreation) {
  send(KubeVerb::Create);
  transport.reply("POST", 409, status_json(409, "AlreadyExists", "pods a already exists", "a"));
  EXPECT_EQ(facts(), Texts{});
  transport.reply("GET /api/v1/namespaces/default/pods/a", 200,
                  pod_json("a", 119, intent("abcde:12")));
  EXPECT_EQ(facts(), (Texts{"seen Pod default/a 119", "write 12 done at 119"}));
}

TEST_F(KubeWriterTest, AnObjectThatExistsWithAnotherIntentIsNot) {
  send(KubeVerb::Create);
  transport.reply("POST", 409, status_json(409, "AlreadyExists", "pods a already exists", "a"));
  transport.reply("GET", 200, pod_json("a", 119, intent("abcdef:12")));
  EXPECT_EQ(facts(), (Texts{"seen Pod default/a 119",
                            "write 12 already exists at 119: Pod default/a exists and was made by "
                            "event abcdef:12"}));
}

TEST_F(KubeWriterTest, AnObjectThatWentBeforeItWasLookedAtIsAConflict) {
  send(KubeVerb::Create);
  transport.reply("POST", 409, status_json(409, "AlreadyExists", "exists", "a"));
  transport.reply("GET", 404, status_json(404, "NotFound", "pods a not found", "a"));
  EXPECT_EQ(facts(), Texts{"write 12 conflict: pods a not found"});
}

TEST_F(KubeWriterTest, AConflictIsOneWhateverTheVerb) {
  send(KubeVerb::Change);
  transport.reply("PATCH", 409, status_json(409, "Conflict", "object has been modified", "a"));
  EXPECT_EQ(facts(), Texts{"write 12 conflict: object has been modified"});
  send(KubeVerb::Create);  // E.g. of a quota that is being written.
  transport.reply("POST", 409, status_json(409, "Conflict", "quota", "q"));
  EXPECT_EQ(facts(), Texts{"write 12 conflict: quota"});
}

TEST_F(KubeWriterTest, AnObjectDeletedWithGraceIsSeenGoing) {
  send(KubeVerb::Delete);
  EXPECT_EQ(transport.request("DELETE").body, R"({"the":"body"})");
  transport.reply("DELETE", 200,
                  pod_json("a", 130, R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")"));
  const std::vector<Report> reports = writer.take_reports();
  EXPECT_EQ(fact_texts(reports), (Texts{"seen Pod default/a 130", "write 12 done at 130"}));
  EXPECT_TRUE(meta_of(std::get<ObjectSeen>(reports[0].fact).object).deleting_since);
}

TEST_F(KubeWriterTest, AnObjectDeletedAtOnceIsGone) {
  send(KubeVerb::Delete);
  transport.reply("DELETE", 200, R"({"kind":"Status","status":"Success"})");
  EXPECT_EQ(facts(), (Texts{"gone Pod default/a 0 answered", "write 12 done"}));
  send(KubeVerb::Delete);
  transport.reply("DELETE", 200, pod_json("a", 130));  // As it was.
  EXPECT_EQ(facts(), (Texts{"gone Pod default/a 130 answered", "write 12 done at 130"}));
}

TEST_F(KubeWriterTest, DeletingWhatIsGoneIsDone) {
  send(KubeVerb::Delete);
  transport.reply("DELETE", 404, status_json(404, "NotFound", "pods a not found", "a"));
  EXPECT_EQ(facts(), (Texts{"gone Pod default/a 0 answered", "write 12 done"}));
}

TEST_F(KubeWriterTest, ChangingWhatIsGoneShowsThatItIs) {
  send(KubeVerb::Change);
  transport.reply("PATCH", 404, status_json(404, "NotFound", "pods a not found", "a"));
  EXPECT_EQ(facts(),
            (Texts{"gone Pod default/a 0 answered", "write 12 not found: pods a not found"}));
}

TEST_F(KubeWriterTest, A404AboutSomethingElseIsNoDeletion) {
  send(KubeVerb::Delete);
  transport.reply("DELETE", 404, "404 page not found");
  EXPECT_EQ(facts(), Texts{"write 12 not found: HTTP 404: 404 page not found"});
  send(KubeVerb::Create);
  transport.reply("POST", 404, status_json(404, "NotFound", "no namespace default", "default"));
  EXPECT_EQ(facts(), Texts{"write 12 not found: no namespace default"});
}

TEST_F(KubeWriterTest, RefusalsCarryTheServersWordsInOneLine) {
  send(KubeVerb::Create);
  transport.reply("POST", 422, status_json(422, "Invalid", "spec.x:\\nRequired", "a"));
  EXPECT_EQ(facts(), Texts{"write 12 refused: spec.x: Required"});
  send(KubeVerb::Create);
  transport.reply("POST", 403, status_json(403, "Forbidden", "exceeded quota", "a"));
  EXPECT_EQ(facts(), Texts{"write 12 refused: exceeded quota"});
}

TEST_F(KubeWriterTest, ALongMessageIsCut) {
  send(KubeVerb::Create);
  transport.reply("POST", 422, status_json(422, "Invalid", std::string(100'000, 'x'), "a"));
  const std::vector<Report> reports = writer.take_reports();
  EXPECT_EQ(std::get<WriteDone>(reports.at(0).fact).message.size(), 1024u);
}

TEST_F(KubeWriterTest, ThrottledWritesSayForHowLong) {
  send(KubeVerb::Create);
  transport.reply("POST", 429, "", {{"retry-after", "4"}});
  const std::vector<Report> reports = writer.take_reports();
  const auto& done = std::get<WriteDone>(reports.at(0).fact);
  EXPECT_EQ(done.result, WriteResult::Throttled);
  EXPECT_EQ(done.retry_after, 4s);
}

TEST_F(KubeWriterTest, OnlyWhatIsCertainlyNotDoneHasFailed) {
  const auto result_when = [&](const std::function<void()>& answer) {
    send(KubeVerb::Create);
    answer();
    return std::get<WriteDone>(writer.take_reports().at(0).fact).result;
  };
  const auto fails = [&](HttpFailure failure) {
    return result_when([&] { transport.fail("POST", failure); });
  };
  const auto answers = [&](int status) {
    return result_when([&] { transport.reply("POST", status, "oops"); });
  };
  EXPECT_EQ(fails(HttpFailure::Refused), WriteResult::Failed);
  EXPECT_EQ(fails(HttpFailure::Tls), WriteResult::Failed);
  EXPECT_EQ(fails(HttpFailure::Timeout), WriteResult::Unknown);
  EXPECT_EQ(fails(HttpFailure::Reset), WriteResult::Unknown);
  EXPECT_EQ(fails(HttpFailure::Cancelled), WriteResult::Unknown);
  EXPECT_EQ(answers(500), WriteResult::Failed);
  EXPECT_EQ(answers(503), WriteResult::Failed);
  EXPECT_EQ(answers(502), WriteResult::Unknown);
  EXPECT_EQ(answers(504), WriteResult::Unknown);
}

TEST_F(KubeWriterTest, AnAcceptedWriteIsDoneEvenIfItsAnswerCannotBeRead) {
  send(KubeVerb::Create);
  transport.reply("POST", 201, R"({"kind":"Pod","metadata":{)");
  EXPECT_EQ(facts(), (Texts{"unreadable answer about Pod default/a", "write 12 done"}));
}

// Its content must not get into the log: neither as bytes nor by reading it.
TEST_F(KubeWriterTest, ASecretIsMadeWithoutBeingShown) {
  KubeWrite write = write_of(KubeVerb::Create);
  write.object = {Kind::Secret, "default", "rc"};
  write.path = "/api/v1/namespaces/default/secrets";
  writer.send(Seq{12}, write, now);
  transport.reply("POST", 201,
                  R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"rc",)"
                  R"("resourceVersion":"120"},"data":{"auth_token":"c2VjcmV0"}})");
  std::vector<Report> reports = writer.take_reports();
  EXPECT_EQ(fact_texts(reports), Texts{"write 12 done at 120"});
  EXPECT_EQ(reports[0].raw, "");
  writer.send(Seq{13}, write, now);
  transport.reply("POST", 409,
                  status_json(409, "AlreadyExists", "secrets rc already exists", "rc"));
  EXPECT_EQ(facts(), Texts{"write 13 already exists: secrets rc already exists"});
  EXPECT_EQ(writer.in_flight(), 0u);
}

}  // namespace
}  // namespace raycord

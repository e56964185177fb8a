#include "adapters/ray/ray_writer.h"

#include <gtest/gtest.h>

#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

ServePut put() {
  ServePut put;
  put.ns = "default";
  put.cluster = "c";
  put.address = "fd00::7";
  put.body = R"({"applications":[]})";
  return put;
}

class RayWriterTest : public testing::Test {
 protected:
  Texts facts() { return fact_texts(writer.take_reports()); }

  Time now{1'000'000ms};
  FakeTransport transport;
  RayWay way{nullptr, {}};
  RayWriter writer{transport, way};
};

TEST_F(RayWriterTest, PutsTheConfigToTheDashboard) {
  writer.send(Seq{3}, put(), now);
  const HttpRequest request = transport.request("PUT");
  EXPECT_EQ(request.url, "http://[fd00::7]:8265/api/serve/applications/");
  EXPECT_EQ(request.body, R"({"applications":[]})");
  transport.reply("PUT", 200, "");
  const std::vector<Report> reports = writer.take_reports();
  EXPECT_EQ(fact_texts(reports), Texts{"write 3 done"});
  EXPECT_EQ(std::get<WriteDone>(reports[0].fact).sent, hash_of(R"({"applications":[]})"));
}

TEST_F(RayWriterTest, GoesToTheAgentWhereTheDashboardHasNoServeApi) {
  writer.send(Seq{3}, put(), now);
  transport.reply(":8265", 404, "");
  EXPECT_EQ(facts(), Texts{});
  transport.reply("PUT http://[fd00::7]:52365/api/serve/applications/", 200, "");
  EXPECT_EQ(facts(), Texts{"write 3 done"});
}

TEST_F(RayWriterTest, GoesToTheAgentAtOnceWhenToldSo) {
  ServePut to_agent = put();
  to_agent.to_agent = true;
  writer.send(Seq{3}, to_agent, now);
  transport.reply(":52365", 404, "404: Not Found");
  EXPECT_EQ(facts(), Texts{"write 3 not found: HTTP 404: 404: Not Found"});
}

TEST_F(RayWriterTest, TellsRefusedFromFailedFromUnknown) {
  writer.send(Seq{1}, put(), now);
  transport.reply("PUT", 400, "ValidationError: route_prefix");
  writer.send(Seq{2}, put(), now);
  transport.reply("PUT", 500, "oops");
  writer.send(Seq{3}, put(), now);
  transport.fail("PUT", HttpFailure::Timeout, "no whole answer");
  writer.send(Seq{4}, put(), now);
  transport.fail("PUT", HttpFailure::Refused, "could not connect");
  EXPECT_EQ(facts(),
            (Texts{"write 1 refused: HTTP 400: ValidationError: route_prefix",
                   "write 2 failed: HTTP 500: oops", "write 3 outcome unknown: no whole answer",
                   "write 4 failed: could not connect"}));
  EXPECT_EQ(transport.sent.size(), 4u);  // Nothing was sent twice.
}

TEST_F(RayWriterTest, KeepsTheExceptionOfATraceback) {
  writer.send(Seq{1}, put(), now);
  transport.reply("PUT", 500,
                  "Traceback (most recent call last):\n  File \"x.py\", line 210, in decorator\n"
                  "    return await f(self)\n"
                  "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n");
  EXPECT_EQ(facts(),
            Texts{"write 1 failed: HTTP 500: json.decoder.JSONDecodeError: Expecting value: "
                  "line 1 column 1 (char 0)"});
}

TEST_F(RayWriterTest, SendsNothingWithoutATokenItNeeds) {
  ServePut secret = put();
  secret.token_secret = "auth";
  writer.send(Seq{3}, secret, now);
  EXPECT_TRUE(transport.sent.empty());
  EXPECT_EQ(facts(), Texts{"write 3 failed: the token in Secret default/auth is not known"});
}

}  // namespace
}  // namespace raycord

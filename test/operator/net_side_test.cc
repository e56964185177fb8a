#include "operator/net_side.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "operator/limits.h"
#include "store/memory_event_log.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

std::string lease_json(const std::string& holder, int version) {
  return R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"x",)"
         R"("resourceVersion":")" +
         std::to_string(version) + R"("},"spec":{"holderIdentity":")" + holder +
         R"(","leaseDurationSeconds":15,"leaseTransitions":7,)"
         R"("renewTime":"2026-01-01T00:00:00.000000Z"}})";
}

WriteOrder write(std::uint64_t decided) {
  KubeWrite write;
  write.method = "POST";
  write.path = "/api/v1/namespaces/default/pods?n=" + std::to_string(decided);
  write.body = "{}";
  write.object = {Kind::Pod, "default", "a"};
  return {Seq{decided}, std::move(write)};
}

// The side of the network with scripted answers; the test is the loop.
class NetSideTest : public testing::Test {
 protected:
  NetSideTest() { net.begin(now, {}, {}); }

  static WorldOptions options() {
    WorldOptions options;
    options.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
    options.log_id = "abcde";
    options.leadership.ns = "system";
    options.leadership.identity = "pod-1";
    options.leadership.beside = "";
    return options;
  }

  Texts facts() {
    Texts texts;
    for (const Batch& batch : crossing.take_batches()) {
      EXPECT_EQ(batch.at, now);
      for (std::string& text : observation_texts(batch.observations)) {
        texts.push_back(std::move(text));
      }
    }
    return texts;
  }

  void obey_all() {
    while (net.obey(now)) {
    }
  }

  void gain_leadership() {
    transport.reply("GET /apis/coordination", 200, lease_json("", 1));
    transport.reply("PUT /apis/coordination", 200, lease_json("pod-1", 2));
    net.tick(now);
    EXPECT_EQ(facts(), Texts{"leads in epoch 8"});
  }

  // Time passes, and the Lease is renewed whenever net asks for it; counts that.
  int pass(Millis duration) {
    int renewals = 0;
    for (const Time end = now + duration; now < end; now += 100ms) {
      net.tick(now);
      if (!transport.is_waiting("PUT /apis/coordination")) continue;
      transport.reply("PUT /apis/coordination", 200, lease_json("pod-1", 3 + renewals++));
    }
    return renewals;
  }

  void append_frame() { log.append({.first_seq = log.next_seq(), .count = 1, .payload = "x"}); }

  Time now{1'000'000ms};
  FakeTransport transport;
  MemoryEventLog log{{.manual_sync = true}};
  Crossing crossing;
  NetSide net{options(), log, transport, crossing};
};

TEST_F(NetSideTest, SendsWhatIsOrderedInOrderWhileItLeads) {
  gain_leadership();
  for (const std::uint64_t decided : {1U, 2U, 3U}) crossing.order(write(decided));
  obey_all();
  EXPECT_EQ(transport.sent.at(transport.sent.size() - 3).url.back(), '1');
  EXPECT_EQ(transport.sent.at(transport.sent.size() - 2).url.back(), '2');
  EXPECT_EQ(transport.sent.back().url.back(), '3');
  transport.reply("n=1", 500, "");
  net.tick(now);
  EXPECT_EQ(facts(), Texts{"write 1 failed: HTTP 500"});
  EXPECT_EQ(crossing.net().writes_in_flight, 2U);
}

TEST_F(NetSideTest, WithdrawsWhatIsOrderedBeforeItLeads) {
  crossing.order(write(1));
  obey_all();
  net.tick(now);
  EXPECT_EQ(facts(), Texts{"write 1 withdrawn"});
}

TEST_F(NetSideTest, WithdrawsAWriteWhenTheLeaseRanOutBetweenTheDecisionAndTheSend) {
  gain_leadership();
  crossing.order(write(1));
  crossing.order(write(2));
  now += kLeaseDeadline - 1ms;
  EXPECT_TRUE(net.obey(now));
  EXPECT_TRUE(transport.is_waiting("n=1"));
  now += 1ms;
  EXPECT_TRUE(net.obey(now));  // Nobody ticked in between.
  EXPECT_FALSE(transport.is_waiting("n=2"));
  EXPECT_LE(net.next_wake(), now);
  net.tick(now);
  const Texts told = facts();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[0].starts_with("leads no more")) << told[0];
  EXPECT_EQ(told[1], "write 2 withdrawn");
}

TEST_F(NetSideTest, SendsNothingOnceTheLogHasFailed) {
  gain_leadership();
  append_frame();
  log.fail_next_sync({ErrorCode::Io, "disk on fire"});
  log.sync();
  crossing.order(write(1));
  obey_all();
  EXPECT_FALSE(transport.is_waiting("n=1"));
}

TEST_F(NetSideTest, FollowsWhatIsWanted) {
  Wanted wanted;
  WantedProbe probe;
  probe.cluster = "c";
  probe.address = "10.0.0.1";
  wanted.probes = {probe};
  crossing.want(wanted);
  obey_all();
  now += 2s;
  net.tick(now);
  EXPECT_TRUE(transport.is_waiting("http://10.0.0.1:8265"));
}

TEST_F(NetSideTest, ReportsAPauseBeforeWhatWasSeenSince) {
  gain_leadership();
  net.report({Gap{now - 40s, now, GapCause::Pause}, ""});
  EXPECT_LE(net.next_wake(), now);
  transport.reply("/pods?", 200, list_json("Pod", 5, {pod_json("a", 4)}));
  net.tick(now);
  EXPECT_EQ(facts(),
            (Texts{"gap", "seen Pod default/a 4", "complete Pod: a", "listed Pod 5 asked 0"}));
}

TEST_F(NetSideTest, TakesLessInWhileTheLoopIsBehindAndGoesOnWhenItIsNot) {
  gain_leadership();
  transport.reply("/pods?", 200, list_json("Pod", 100, {}));
  transport.reply("/roles?", 200, list_json("Role", 100, {}, "more"));
  net.tick(now);
  EXPECT_TRUE(transport.is_waiting("/pods?"));
  EXPECT_TRUE(transport.is_waiting("continue=more"));
  transport.reply("continue=more", 200, list_json("Role", 100, {}, "evenmore"));
  crossing.report({now, {Report{KindListed{}, std::string(kObservedBytesMax + 1, 'x')}}});
  net.tick(now);
  EXPECT_EQ(transport.cancelled.size(), 1U);  // The stream: cut, not paused.
  EXPECT_FALSE(transport.is_waiting("evenmore"));
  const int renewals = pass(20s);
  EXPECT_FALSE(transport.is_waiting("evenmore"));
  EXPECT_GE(renewals, 9);  // Leadership does not wait for the loop.
  EXPECT_TRUE(net.may_write(now));
  while (crossing.has_batches()) crossing.take_batches();
  net.tick(now);
  EXPECT_TRUE(transport.is_waiting("evenmore"));
  EXPECT_TRUE(transport.is_waiting("/pods?"));
}

TEST_F(NetSideTest, LeavesLeadershipWhenTheMarkStandsStillThoughFramesWait) {
  gain_leadership();
  append_frame();
  EXPECT_GT(pass(kMarkStuck), 0);
  EXPECT_EQ(facts(), Texts{});
  EXPECT_EQ(pass(1s), 0);
  EXPECT_FALSE(net.may_write(now));
  EXPECT_EQ(pass(30s), 0);  // The Lease is left to others.
  now += 1ms;
  crossing.order(write(1));
  obey_all();
  EXPECT_FALSE(transport.is_waiting("n=1"));
  log.sync();
  net.tick(now);
  transport.reply("GET /apis/coordination", 200, lease_json("pod-1", 90));
  transport.reply("PUT /apis/coordination", 200, lease_json("pod-1", 91));
  net.tick(now);
  EXPECT_TRUE(net.may_write(now));
}

TEST_F(NetSideTest, SaysWhyItDoesNotLead) {
  gain_leadership();
  append_frame();
  net.tick(now);
  EXPECT_LE(net.next_wake(), now + kMarkStuck);
  now += kMarkStuck;
  net.tick(now);
  EXPECT_EQ(facts(), Texts{"leads no more: the log has not come to disk for 5s"});
  EXPECT_EQ(crossing.net().troubles, Texts{"the log has not come to disk for 5s"});
}

TEST_F(NetSideTest, ALogThatKeepsUpOrHasNothingToDoIsNotStuck) {
  gain_leadership();
  EXPECT_GE(pass(30s), 14);
  for (int i = 0; i < 30; ++i) {
    append_frame();
    append_frame();
    pass(1s);
    log.sync(1);  // Always behind, never standing still.
  }
  log.sync();
  EXPECT_TRUE(net.may_write(now));
  EXPECT_EQ(facts(), Texts{});
}

TEST_F(NetSideTest, GivesLeadershipAwayWhenTheWritesUnderWayHaveEnded) {
  gain_leadership();
  crossing.order(write(1));
  crossing.order(StopOrder{});
  obey_all();
  net.tick(now);
  EXPECT_FALSE(transport.is_waiting("PUT /apis/coordination"));
  transport.reply("n=1", 201, pod_json("a", 12));
  net.tick(now);
  EXPECT_EQ(facts(), (Texts{"seen Pod default/a 12", "write 1 done at 12",
                            "leads no more: given up in an orderly way"}));
  EXPECT_FALSE(crossing.net().stopped);
  transport.reply("PUT /apis/coordination", 200, lease_json("", 3));
  net.tick(now);
  EXPECT_TRUE(crossing.net().stopped);
}

TEST_F(NetSideTest, GivesLeadershipAwayThoughAWriteGetsNoAnswer) {
  gain_leadership();
  crossing.order(write(1));
  crossing.order(StopOrder{});
  obey_all();
  pass(kStopLimit);
  EXPECT_TRUE(net.may_write(now));
  net.tick(now);
  EXPECT_FALSE(net.may_write(now));
  EXPECT_NE(transport.request("PUT /apis/coordination").body.find(R"("holderIdentity":"")"),
            std::string::npos);
}

}  // namespace
}  // namespace raycord

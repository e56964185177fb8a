#include "adapters/kube/kube_lease.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

const std::string kAbsent = status_json(404, "NotFound", "not found", "x");

class KubeLeaseTest : public testing::Test {
 protected:
  KubeLease lease(const std::string& beside) {
    LeadershipTerms terms;
    terms.ns = "system";
    terms.name = "own";
    terms.identity = "pod-1";
    terms.beside = beside;
    terms.annotations = [] {
      return std::map<std::string, std::string>{{"raycord.io/log", "abc"}};
    };
    return {terms, api, transport};
  }

  Texts facts(KubeLease& lease) { return fact_texts(lease.take_reports()); }

  // Takes a free Lease, in epoch 8.
  void gain(KubeLease& lease) {
    lease.tick(now);
    transport.reply("GET", 200, lease_json("", 7, 1));
    transport.reply("PUT", 200, lease_json("pod-1", 8, 2));
    lease.tick(now);
    EXPECT_EQ(facts(lease), Texts{"leads in epoch 8"});
  }

  Time now{1'000'000ms};
  FakeTransport transport;
  KubeApi api{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
};

TEST_F(KubeLeaseTest, MakesALeaseWhereThereIsNone) {
  KubeLease own = lease("");
  EXPECT_FALSE(own.may_write(now));
  own.tick(now);
  transport.reply("GET /apis/coordination.k8s.io/v1/namespaces/system/leases/own", 404, kAbsent);
  const HttpRequest request = transport.request("POST");
  EXPECT_EQ(request.url, "/apis/coordination.k8s.io/v1/namespaces/system/leases");
  EXPECT_NE(request.body.find(R"("holderIdentity":"pod-1")"), std::string::npos);
  EXPECT_NE(request.body.find(R"("raycord.io/log":"abc")"), std::string::npos);
  EXPECT_NE(request.body.find(R"("renewTime":"1970-01-01T00:16:40.000000Z")"), std::string::npos);
  transport.reply("POST", 201, lease_json("pod-1", 1, 1));
  EXPECT_EQ(own.next_wake(), Time::min());
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 1"});
  EXPECT_TRUE(own.may_write(now));
}

TEST_F(KubeLeaseTest, TakesItsOwnLeaseAtOnceAfterARestartInANewEpoch) {
  KubeLease own = lease("");
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-1", 4, 20));
  const std::string body = transport.request("PUT").body;
  EXPECT_NE(body.find(R"("leaseTransitions":5)"), std::string::npos);
  EXPECT_NE(body.find(R"("resourceVersion":"20")"), std::string::npos);
  EXPECT_NE(body.find(R"("kept":"yes")"), std::string::npos);
  transport.reply("PUT", 200, lease_json("pod-1", 5, 21));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 5"});
}

TEST_F(KubeLeaseTest, WaitsUntilAnothersLeaseHasNotChangedForItsDuration) {
  KubeLease own = lease("");
  const Time start = now;
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-2", 4, 20));
  for (int version = 20; now < start + 30s; now += 2s) {
    own.tick(now);
    if (!transport.is_waiting("GET")) continue;
    if (now < start + 10s) ++version;  // Renewed until then.
    transport.reply("GET", 200, lease_json("pod-2", 4, version));
    if (transport.is_waiting("PUT")) break;
    EXPECT_EQ(own.trouble(), "Lease system/own is held by pod-2");
  }
  ASSERT_TRUE(transport.is_waiting("PUT"));
  EXPECT_GE(now, start + 8s + 15s);
  EXPECT_LE(now, start + 10s + 15s);
}

TEST_F(KubeLeaseTest, LosesTheRaceForALeaseQuietly) {
  KubeLease own = lease("");
  own.tick(now);
  transport.reply("GET", 200, lease_json("", 4, 20));
  transport.reply("PUT", 409, status_json(409, "Conflict", "modified", "own"));
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-2", 5, 21));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{});
  EXPECT_FALSE(own.may_write(now));
}

TEST_F(KubeLeaseTest, RenewsEveryTwoSeconds) {
  KubeLease own = lease("");
  gain(own);
  EXPECT_EQ(own.next_wake(), now + kLeaseRenew);
  for (int i = 0; i < 20; ++i) {
    now += kLeaseRenew;
    own.tick(now);
    ASSERT_TRUE(transport.is_waiting("PUT")) << i;
    transport.reply("PUT", 200, lease_json("pod-1", 8, 3 + i));
    own.tick(now);
    EXPECT_TRUE(own.may_write(now));
  }
  EXPECT_EQ(facts(own), Texts{});
}

TEST_F(KubeLeaseTest, StopsWritingWhenTheDeadlinePassesWithoutARenewal) {
  KubeLease own = lease("");
  gain(own);
  const Time renewed = now;
  while (now < renewed + kLeaseDeadline - 100ms) {
    now += 100ms;
    own.tick(now);
    EXPECT_TRUE(own.may_write(now));
    if (!transport.open.empty()) transport.fail("/leases", HttpFailure::Refused, "no route");
  }
  now = renewed + kLeaseDeadline;
  EXPECT_FALSE(own.may_write(now));  // Even before anybody ticks.
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads no more: Lease system/own could not be renewed for 10s: "
                              "no route"});
}

TEST_F(KubeLeaseTest, AfterALossForWantOfAnswersAGapStandsBeforeTheGain) {
  KubeLease own = lease("");
  gain(own);
  const Time renewed = now;
  own.tick(now + kLeaseRenew);
  transport.fail("PUT", HttpFailure::Refused, "no route");
  now += kLeaseDeadline;
  own.tick(now);
  facts(own);
  transport.fail("GET", HttpFailure::Refused, "no route");
  now += 10min;
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-1", 8, 3));
  transport.reply("PUT", 200, lease_json("pod-1", 9, 4));
  own.tick(now);
  const std::vector<Report> reports = own.take_reports();
  ASSERT_EQ(fact_texts(reports), (Texts{"gap", "leads in epoch 9"}));
  EXPECT_EQ(std::get<Gap>(reports[0].fact), (Gap{renewed, now, GapCause::ApiServerAway}));
}

TEST_F(KubeLeaseTest, ALossToAnotherIsNoGap) {
  KubeLease own = lease("");
  gain(own);
  now += kLeaseRenew;
  own.tick(now);
  transport.reply("PUT", 409, status_json(409, "Conflict", "modified", "own"));
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-2", 9, 9));
  own.tick(now);
  facts(own);
  now += 10min;
  own.tick(now);
  transport.reply("GET", 200, lease_json("", 9, 10));
  transport.reply("PUT", 200, lease_json("pod-1", 10, 11));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 10"});
}

TEST_F(KubeLeaseTest, SaysThatARenewalHasNoAnswerYet) {
  KubeLease own = lease("");
  gain(own);
  own.tick(now + kLeaseRenew);
  EXPECT_TRUE(transport.is_waiting("PUT"));
  own.tick(now + kLeaseDeadline);
  EXPECT_EQ(facts(own), Texts{"leads no more: Lease system/own could not be renewed for 10s: "
                              "no answer yet"});
}

TEST_F(KubeLeaseTest, SaysThatItWasNotTriedWhereTheProcessStoodStill) {
  KubeLease own = lease("");
  gain(own);
  own.tick(now + kLeaseDeadline);
  EXPECT_EQ(facts(own), Texts{"leads no more: Lease system/own could not be renewed for 10s: "
                              "it was not tried in time"});
}

TEST_F(KubeLeaseTest, ARenewalCountsFromWhenItWasSent) {
  KubeLease own = lease("");
  gain(own);
  now += kLeaseRenew;
  own.tick(now);
  transport.elapsed = 3s;
  transport.reply("PUT", 200, lease_json("pod-1", 8, 3));
  EXPECT_TRUE(own.may_write(now + kLeaseDeadline - 1ms));
  EXPECT_FALSE(own.may_write(now + kLeaseDeadline));
}

TEST_F(KubeLeaseTest, NoticesThatAnotherTookIt) {
  KubeLease own = lease("");
  gain(own);
  now += kLeaseRenew;
  own.tick(now);
  transport.reply("PUT", 409, status_json(409, "Conflict", "modified", "own"));
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-2", 9, 9));
  EXPECT_FALSE(own.may_write(now));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads no more: Lease system/own is held by pod-2"});
}

TEST_F(KubeLeaseTest, AConflictWithSomebodyWhoOnlyAnnotatedItIsNoLoss) {
  KubeLease own = lease("");
  gain(own);
  now += kLeaseRenew;
  own.tick(now);
  transport.reply("PUT", 409, status_json(409, "Conflict", "modified", "own"));
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-1", 8, 9));
  transport.reply("PUT", 200, lease_json("pod-1", 8, 10));
  own.tick(now);
  EXPECT_TRUE(own.may_write(now));
  EXPECT_EQ(facts(own), Texts{});
}

TEST_F(KubeLeaseTest, WhileItRestsItDoesNotLeadAndLetsItsLeaseRunOut) {
  KubeLease own = lease("");
  gain(own);
  own.rest("the disk is gone");
  EXPECT_FALSE(own.may_write(now));  // Even before anybody ticks.
  const Time rests = now;
  while (now < rests + 60s) {
    own.tick(now);
    ASSERT_EQ(transport.waiting(), Texts{});
    ASSERT_GT(own.next_wake(), now);
    now = std::min(own.next_wake(), now + 1s);
  }
  EXPECT_EQ(facts(own), Texts{"leads no more: the disk is gone"});
  own.rest("");
  own.tick(now);
  transport.reply("GET", 200, lease_json("pod-1", 8, 2));
  transport.reply("PUT", 200, lease_json("pod-1", 9, 3));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 9"});
}

TEST_F(KubeLeaseTest, ALookThatIsAnsweredWhileItRestsTakesNothing) {
  KubeLease own = lease("");
  own.tick(now);
  own.rest("the disk is gone");
  transport.reply("GET", 200, lease_json("", 7, 1));
  EXPECT_EQ(transport.waiting(), Texts{});
}

TEST_F(KubeLeaseTest, AShortRestKeepsTheLease) {
  KubeLease own = lease("");
  gain(own);
  own.rest("the disk is slow");
  own.tick(now);
  now += 4s;
  own.rest("");
  own.tick(now);
  EXPECT_EQ(facts(own), (Texts{"leads no more: the disk is slow", "leads in epoch 8"}));
  EXPECT_TRUE(transport.is_waiting("PUT"));
}

TEST_F(KubeLeaseTest, GivesItUpInAnOrderlyWay) {
  KubeLease own = lease("");
  gain(own);
  own.release(now);
  EXPECT_FALSE(own.may_write(now));
  EXPECT_EQ(facts(own), Texts{"leads no more: given up in an orderly way"});
  EXPECT_FALSE(own.idle());
  EXPECT_NE(transport.request("PUT").body.find(R"("holderIdentity":"")"), std::string::npos);
  transport.reply("PUT", 200, lease_json("", 8, 3));
  EXPECT_TRUE(own.idle());
  own.tick(now + 1h);
  EXPECT_EQ(transport.waiting(), Texts{});
}

TEST_F(KubeLeaseTest, DoesNotLeadWhileKubeRayHoldsItsLease) {
  KubeLease own = lease("ray-operator-leader");
  own.tick(now);
  transport.reply("GET /apis/coordination.k8s.io/v1/namespaces/system/leases/own", 200,
                  lease_json("", 7, 1));
  transport.reply("PUT", 200, lease_json("pod-1", 8, 2));
  transport.reply("leases/ray-operator-leader", 200, lease_json("kuberay-pod", 1, 5));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{});
  EXPECT_FALSE(own.may_write(now));
  EXPECT_EQ(own.trouble(), "Lease system/ray-operator-leader is held by kuberay-pod");
}

TEST_F(KubeLeaseTest, LeadsWhereKubeRayHasNoLeaseAndHoldsItOnceItHas) {
  KubeLease own = lease("ray-operator-leader");
  own.tick(now);
  transport.reply("leases/own", 200, lease_json("", 7, 1));
  transport.reply("PUT", 200, lease_json("pod-1", 8, 2));
  transport.reply("leases/ray-operator-leader", 404, kAbsent);
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 8"});
  EXPECT_FALSE(transport.is_waiting("POST"));
  now += kLeaseAbsentRetry - 1ms;
  own.tick(now);
  transport.reply("leases/own", 200, lease_json("pod-1", 8, 3));
  now += 1ms;
  own.tick(now);
  transport.reply("GET /apis/coordination.k8s.io/v1/namespaces/system/leases/ray-operator-leader",
                  200, lease_json("", 1, 5));
  EXPECT_TRUE(transport.is_waiting("PUT"));
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads no more: Lease system/ray-operator-leader has come to exist "
                              "and is not ours yet"});
}

TEST_F(KubeLeaseTest, AFailedLookForKubeRaysLeaseIsNoLoss) {
  KubeLease own = lease("ray-operator-leader");
  own.tick(now);
  transport.reply("leases/own", 200, lease_json("", 7, 1));
  transport.reply("PUT", 200, lease_json("pod-1", 8, 2));
  transport.reply("leases/ray-operator-leader", 404, kAbsent);
  own.tick(now);
  facts(own);
  const Time last = now + kLeaseAbsentRetry;
  while (now < last) {
    now += kLeaseRenew;
    own.tick(now);
    transport.reply("PUT", 200, lease_json("pod-1", 8, 3));
  }
  transport.fail("leases/ray-operator-leader", HttpFailure::Refused, "no route");
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{});
  EXPECT_TRUE(own.may_write(now));
}

TEST_F(KubeLeaseTest, LeadsAtOnceWithoutLeases) {
  LeadershipTerms terms;
  terms.by_lease = false;
  KubeLease own(terms, api, transport);
  EXPECT_EQ(own.next_wake(), Time::min());
  own.tick(now);
  EXPECT_EQ(facts(own), Texts{"leads in epoch 0"});
  EXPECT_TRUE(own.may_write(now));
  EXPECT_EQ(own.next_wake(), Time::max());
}

}  // namespace
}  // namespace raycord

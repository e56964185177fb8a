#include "adapters/kube/kube_watcher.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

class KubeWatcherTest : public testing::Test {
 protected:
  KubeWatcher& watch(Kind kind, const std::string& ns = "") {
    watcher_ = std::make_unique<KubeWatcher>(kind, ns, api, transport);
    watcher_->begin(0, {});
    watcher_->tick(now, false);
    return *watcher_;
  }

  // With an open stream from version 100.
  KubeWatcher& watch_pods() {
    KubeWatcher& watcher = watch(Kind::Pod);
    transport.reply("limit=500", 200, list_json("Pod", 100, {}));
    watcher.tick(now, false);
    transport.reply("limit=1", 200, list_json("Pod", 100, {}));
    watcher.take_observations();
    return watcher;
  }

  Texts facts() { return fact_texts(watcher_->take_observations()); }

  Time now{1'000'000ms};
  FakeTransport transport;
  KubeApi api{"https://api:6443", std::make_shared<FixedCredentials>(
                                      std::vector<HttpHeader>{{"authorization", "Bearer secret"}})};

 private:
  std::unique_ptr<KubeWatcher> watcher_;
};

TEST_F(KubeWatcherTest, ListsThePodsOfRayClustersInAllNamespaces) {
  watch(Kind::Pod);
  EXPECT_EQ(transport.waiting(), Texts{"GET https://api:6443/api/v1/pods?labelSelector="
                                       "ray.io%2Fnode-type%20in%20%28head%2Cworker%29&limit=500"});
  const HttpRequest request = transport.request("pods");
  EXPECT_EQ(find_header(request.headers, "authorization"), "Bearer secret");
  EXPECT_EQ(request.max_body, kListBodyMax);
}

TEST_F(KubeWatcherTest, WatchesOneNamespaceFromTheListsVersionWithBookmarks) {
  KubeWatcher& watcher = watch(Kind::RayService, "prod");
  transport.reply("GET https://api:6443/apis/ray.io/v1/namespaces/prod/rayservices?limit=500", 200,
                  list_json("RayService", 77, {}));
  watcher.tick(now, false);
  EXPECT_EQ(facts(), Texts{"listed RayService 77 asked 0"});
  const HttpRequest request = transport.request("watch=1");
  EXPECT_EQ(request.url,
            "https://api:6443/apis/ray.io/v1/namespaces/prod/rayservices?watch=1&"
            "allowWatchBookmarks=true&resourceVersion=77&timeoutSeconds=290");
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.timeout, kStreamSilence);
}

TEST_F(KubeWatcherTest, ReportsListedObjectsWithTheirBytes) {
  KubeWatcher& watcher = watch(Kind::Pod);
  transport.reply("limit=500", 200, list_json("Pod", 100, {pod_json("a", 90)}, "t0k=n"));
  watcher.tick(now, false);
  EXPECT_TRUE(transport.is_waiting("&limit=500&continue=t0k%3Dn"));
  const std::vector<Observation> reports = watcher.take_observations();
  EXPECT_EQ(fact_texts(reports), Texts{"seen Pod default/a 90"});
  EXPECT_EQ(std::get<Report>(reports.at(0)).raw, pod_json("a", 90));
}

TEST_F(KubeWatcherTest, ACompleteListSaysWhatItShowed) {
  KubeWatcher& watcher = watch(Kind::Pod);
  transport.reply("limit=500", 200, list_json("Pod", 100, {pod_json("b", 90)}, "more"));
  EXPECT_EQ(observation_texts(watcher.take_observations()), Texts{"seen Pod default/b 90"});
  watcher.tick(now, false);
  transport.reply("continue=more", 200, list_json("Pod", 100, {pod_json("a", 91)}));
  EXPECT_EQ(observation_texts(watcher.take_observations()),
            (Texts{"seen Pod default/a 91", "complete Pod: a b", "listed Pod 100 asked 0"}));
}

TEST_F(KubeWatcherTest, ReadsLinesCutAnywhere) {
  KubeWatcher& watcher = watch_pods();
  const std::string lines = line_json("ADDED", pod_json("a", 101)) +
                            line_json("DELETED", pod_json("a", 103)) + "\n" + bookmark_json(140);
  for (const char c : lines) transport.chunk("watch=1", std::string(1, c));
  EXPECT_EQ(fact_texts(watcher.take_observations())[0], "seen Pod default/a 101");
  EXPECT_EQ(watcher.watch().position(), 140u);
}

TEST_F(KubeWatcherTest, ADeletedObjectIsGoneWithItsUidAndVersion) {
  KubeWatcher& watcher = watch_pods();
  transport.chunk("watch=1", line_json("DELETED", pod_json("a", 103)));
  const std::vector<Observation> reports = watcher.take_observations();
  ASSERT_EQ(reports.size(), 1u);
  const auto& gone = std::get<ObjectGone>(std::get<Report>(reports[0]).fact);
  EXPECT_EQ(gone.uid, "uid-a");
  EXPECT_EQ(gone.version, 103u);
  EXPECT_EQ(gone.how, GoneHow::Watched);
}

TEST_F(KubeWatcherTest, HalfALineAtTheEndOfAStreamIsNotReported) {
  KubeWatcher& watcher = watch_pods();
  const std::string line = line_json("ADDED", pod_json("a", 101));
  transport.chunk("watch=1", line.substr(0, 40));
  now += 20s;
  watcher.tick(now, false);
  transport.fail("watch=1", HttpFailure::Reset);
  EXPECT_EQ(facts(), Texts{});
  watcher.tick(now, false);
  ASSERT_TRUE(transport.is_waiting("resourceVersion=100&"));
  transport.chunk("watch=1", line);
  EXPECT_EQ(facts(), Texts{"seen Pod default/a 101"});
}

TEST_F(KubeWatcherTest, ALineThatIsNoJsonIsUnreadableAndAListHealsIt) {
  KubeWatcher& watcher = watch_pods();
  transport.chunk("watch=1", "upstream connect error\n" + line_json("ADDED", pod_json("a", 101)));
  const std::vector<Observation> reports = watcher.take_observations();
  EXPECT_EQ(fact_texts(reports), Texts{"unreadable watch Pod"});
  const auto& fact = std::get<Unreadable>(std::get<Report>(reports.at(0)).fact);
  EXPECT_EQ(fact.size, 22u);
  EXPECT_EQ(fact.hash, hash_of("upstream connect error"));
  watcher.tick(now, false);
  EXPECT_FALSE(transport.is_waiting("watch=1"));
  now += kCallBackOffFirst;
  watcher.tick(now, false);
  EXPECT_TRUE(transport.is_waiting("limit=500"));
}

TEST_F(KubeWatcherTest, AnObjectOfAWrongShapeIsUnreadableAndTheStreamGoesOn) {
  KubeWatcher& watcher = watch_pods();
  std::string odd = pod_json("odd", 101);
  odd.replace(odd.find(R"([{"name":"ray"}])"), 16, "7");
  transport.chunk("watch=1", line_json("ADDED", odd) + line_json("ADDED", pod_json("a", 102)));
  const Texts texts = fact_texts(watcher.take_observations());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[1], "seen Pod default/a 102");
}

TEST_F(KubeWatcherTest, ALineBeyondTheLimitIsKnownBySizeOnly) {
  KubeWatcher& watcher = watch_pods();
  const std::string piece(1024 * 1024, 'x');
  for (int i = 0; i < 6; ++i) transport.chunk("watch=1", piece);
  EXPECT_EQ(facts(), Texts{});
  transport.chunk("watch=1", "\n");
  const std::vector<Observation> reports = watcher.take_observations();
  ASSERT_EQ(fact_texts(reports), Texts{"unreadable watch Pod"});
  EXPECT_EQ(std::get<Unreadable>(std::get<Report>(reports[0]).fact).size, 6u * 1024 * 1024);
}

TEST_F(KubeWatcherTest, AnErrorEventWith410BringsANewList) {
  KubeWatcher& watcher = watch_pods();
  transport.chunk("watch=1", line_json("ERROR", status_json(410, "Expired", "too old")));
  watcher.tick(now, false);
  EXPECT_FALSE(transport.is_waiting("watch=1"));
  EXPECT_TRUE(transport.is_waiting("limit=500"));
}

TEST_F(KubeWatcherTest, ForbiddenIsLeftScopeInTheServersWords) {
  watch(Kind::Pod);
  transport.reply("limit=500", 403, status_json(403, "Forbidden", "pods is forbidden: User x"));
  EXPECT_EQ(facts(), Texts{"left scope Pod: pods is forbidden: User x"});
}

TEST_F(KubeWatcherTest, TooManyRequestsAreFollowedByTheWaitThatTheServerNames) {
  KubeWatcher& watcher = watch(Kind::Pod);
  transport.reply("limit=500", 429, "slow down", {{"retry-after", "9"}});
  EXPECT_EQ(watcher.next_wake(), now + 9s);
  EXPECT_EQ(watcher.watch().trouble(), "HTTP 429: slow down");
}

TEST_F(KubeWatcherTest, APageThatIsNoListIsUnreadableAndAskedForAgain) {
  KubeWatcher& watcher = watch(Kind::Pod);
  transport.reply("limit=500", 200, "<html>captive portal</html>");
  EXPECT_EQ(facts(), Texts{"unreadable list of watch Pod"});
  now = watcher.next_wake();
  watcher.tick(now, false);
  EXPECT_TRUE(transport.is_waiting("limit=500"));
}

TEST_F(KubeWatcherTest, APageBeyondTheLimitIsAskedForInSmallerPages) {
  KubeWatcher& watcher = watch(Kind::Pod);
  transport.fail("limit=500", HttpFailure::TooLarge);
  watcher.tick(now, false);
  EXPECT_TRUE(transport.is_waiting("limit=125"));
}

TEST_F(KubeWatcherTest, OnlyServicesWithALabelOfRayAreReported) {
  KubeWatcher& watcher = watch(Kind::Service);
  const std::string ours = service_json("head", 90, R"("ray.io/cluster":"c")");
  const std::string other = service_json("db", 91, R"("app":"db")");
  transport.reply("GET https://api:6443/api/v1/services?limit=500", 200,
                  list_json("Service", 100, {ours, other}));
  EXPECT_EQ(facts(), (Texts{"seen Service default/head 90", "listed Service 100 asked 0"}));
  watcher.tick(now, false);
  transport.chunk("watch=1", line_json("ADDED", service_json("db", 101, R"("app":"db")")));
  EXPECT_EQ(watcher.take_observations().size(), 0u);
  EXPECT_EQ(watcher.watch().position(), 101u);
}

TEST_F(KubeWatcherTest, AServiceWithoutALabelOfRayIsLeftToTheLoopToJudge) {
  KubeWatcher& watcher = watch(Kind::Service);
  transport.reply("limit=500", 200,
                  list_json("Service", 100, {service_json("head", 90, R"("ray.io/x":"")")}));
  watcher.tick(now, false);
  facts();
  transport.chunk("watch=1", line_json("MODIFIED", service_json("head", 101, "")));
  transport.chunk("watch=1", line_json("DELETED", service_json("db", 102, R"("app":"db")")));
  EXPECT_EQ(observation_texts(watcher.take_observations()),
            (Texts{"not ours Service default/head 101", "not ours Service default/db 102"}));
}

TEST_F(KubeWatcherTest, AnswersABarrierWithAListWhenNothingHappens) {
  KubeWatcher& watcher = watch_pods();
  watcher.ask_barrier(Seq{40});
  watcher.tick(now, false);
  transport.reply("limit=1", 200, list_json("Pod", 150, {}));
  now += kBarrierPatience;
  watcher.tick(now, false);
  EXPECT_FALSE(transport.is_waiting("watch=1"));
  transport.reply("limit=500", 200, list_json("Pod", 152, {}));
  EXPECT_EQ(facts(), Texts{"listed Pod 152 asked 40"});
}

TEST_F(KubeWatcherTest, CutsItsStreamWhileTheLoopIsBehindAndResumes) {
  KubeWatcher& watcher = watch_pods();
  transport.chunk("watch=1", line_json("ADDED", pod_json("a", 101)));
  watcher.tick(now, true);
  EXPECT_EQ(transport.waiting(), Texts{});
  watcher.tick(now, false);
  EXPECT_TRUE(transport.is_waiting("resourceVersion=101&"));
}

TEST_F(KubeWatcherTest, EndsItsCallsWhenItGoes) {
  {
    KubeWatcher watcher(Kind::Pod, "", api, transport);
    watcher.begin(0, {});
    watcher.tick(now, false);
  }
  EXPECT_EQ(transport.waiting(), Texts{});
  EXPECT_EQ(transport.cancelled.size(), 1u);
}

}  // namespace
}  // namespace raycord

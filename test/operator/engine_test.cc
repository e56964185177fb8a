#include "operator/engine.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/manifest.h"
#include "sandbox/sandbox.h"
#include "store/memory_event_log.h"
#include "test/sim/virtual_transport.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Time kStart{std::chrono::seconds(1'772'438'400)};
constexpr const char* kServices = "/apis/ray.io/v1/namespaces/default/rayservices";
constexpr const char* kClusters = "/apis/ray.io/v1/namespaces/default/rayclusters";
constexpr const char* kEvents = "/apis/events.k8s.io/v1/namespaces/default/events";
constexpr const char* kLease =
    "/apis/coordination.k8s.io/v1/namespaces/default/leases/raycord-operator";

// An engine on the embedded cluster in virtual time, over a log that syncs when it is told to.
class EngineTest : public testing::Test {
 protected:
  EngineTest() { start({}); }

  void start(std::vector<std::string> namespaces) {
    auto folded = fold_log(log_.reader());
    ASSERT_TRUE(folded);
    EngineOptions options;
    options.started.log_id = "tests";
    options.started.options.kubernetes_proxy = true;
    options.started.options.namespaces = namespaces;
    options.world.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
    options.world.log_id = "tests";
    options.world.namespaces = std::move(namespaces);
    options.world.leadership.ns = "default";
    options.world.leadership.identity = "operator";
    options.world.ray_through_api_server = true;
    engine_ = std::make_unique<Engine>(options, log_, transport_, std::move(*folded));
    engine_->loop().set_frame_listener(
        [this](const Frame& frame, const State&) { frames_.push_back(frame); });
    engine_->begin(now_);
  }

  void restart(std::vector<std::string> namespaces) {
    log_.sync();
    transport_.drop_all();
    engine_.reset();
    frames_.clear();
    start(std::move(namespaces));
  }

  void run_for(Millis duration, bool sync) {
    const Time end = now_ + duration;
    while (now_ < end) {
      now_ += 5ms;
      transport_.advance(now_);
      engine_->step(now_);
      if (sync) log_.sync();
    }
  }

  Json request(const std::string& method, const std::string& path, const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.url = path;
    request.headers = {{"content-type", "application/json"}};
    request.body = body;
    const auto reply = sandbox_.handle(now_, request);
    const auto* response = std::get_if<HttpResponse>(&reply);
    return response == nullptr ? Json() : Json::parse(response->body);
  }

  void create_service() {
    const auto documents = read_manifest(R"(
apiVersion: ray.io/v1
kind: RayService
metadata: {name: llm, namespace: default}
spec:
  serveConfigV2: |
    applications: [{name: app, import_path: a.b, route_prefix: /}]
  rayClusterConfig:
    headGroupSpec:
      rayStartParams: {}
      template: {spec: {containers: [{name: ray-head, image: ray}]}}
)");
    ASSERT_TRUE(documents);
    ASSERT_EQ(request("POST", kServices, documents->at(0)).value("kind", ""), "RayService");
  }

  bool logged(const std::function<bool(const Fact&)>& matches) const {
    for (const Frame& frame : frames_) {
      for (const PlacedFact& placed : frame.facts) {
        if (matches(placed.fact)) return true;
      }
    }
    return false;
  }

  Time now_ = kStart;
  MemoryEventLog log_{{.created = kStart, .manual_sync = true}};
  Sandbox sandbox_{{.seed = 1, .start = kStart}};
  VirtualTransport transport_{sandbox_, kStart};
  std::unique_ptr<Engine> engine_;
  std::vector<Frame> frames_;
};

TEST_F(EngineTest, WritesNothingBeforeItsDecisionIsSynced) {
  run_for(1s, true);
  create_service();
  run_for(5s, false);
  EXPECT_GT(log_.waiting_frames(), 0U);
  EXPECT_THAT(request("GET", kServices)["items"][0]["metadata"].value("finalizers", Json::array()),
              IsEmpty());
  EXPECT_THAT(request("GET", kClusters)["items"], IsEmpty());
  run_for(5s, true);
  EXPECT_THAT(request("GET", kClusters)["items"], SizeIs(1));
}

TEST_F(EngineTest, AnnouncesNothingBeforeItIsSynced) {
  run_for(1s, true);
  create_service();
  run_for(2s, true);
  const std::size_t announced = request("GET", kEvents)["items"].size();
  EXPECT_GT(announced, 0U);
  const Json event = request("GET", kEvents)["items"][0];
  EXPECT_EQ(event["reportingController"], "raycord-operator");
  EXPECT_TRUE(event["metadata"]["annotations"]["raycord.io/event"].get<std::string>().starts_with(
      "tests:"));
  run_for(10s, false);
  EXPECT_EQ(request("GET", kEvents)["items"].size(), announced);
  run_for(2s, true);
  EXPECT_GT(request("GET", kEvents)["items"].size(), announced);
}

TEST_F(EngineTest, WritesNothingOnceTheLogHasFailed) {
  run_for(1s, true);
  create_service();
  log_.fail_next_sync({ErrorCode::Io, "disk on fire"});
  run_for(10s, true);
  EXPECT_TRUE(log_.failure());
  EXPECT_THAT(request("GET", kClusters)["items"], IsEmpty());
  EXPECT_THAT(request("GET", kEvents)["items"], IsEmpty());
}

TEST_F(EngineTest, TakesInWhatItsDriverReports) {
  run_for(1s, true);
  engine_->net().report({Gap{now_ - 40s, now_, GapCause::Pause}, ""});
  run_for(5ms, true);
  EXPECT_TRUE(logged([](const Fact& fact) {
    const auto* gap = std::get_if<Gap>(&fact);
    return gap != nullptr && gap->cause == GapCause::Pause;
  }));
}

TEST_F(EngineTest, AsksForItsDriver) {
  std::string uid;
  engine_->net().ask(now_, "/api/v1/namespaces/kube-system", [&](const HttpOutcome& outcome) {
    uid = Json::parse(outcome.response.body)["metadata"]["uid"];
  });
  run_for(100ms, true);
  EXPECT_THAT(uid, Not(IsEmpty()));
}

TEST_F(EngineTest, GivesItsLeaseAwayWhenItStops) {
  run_for(1s, true);
  EXPECT_EQ(request("GET", kLease)["spec"].value("holderIdentity", ""), "operator");
  EXPECT_TRUE(engine_->net().may_write(now_));
  engine_->loop().stop();
  for (int i = 0; i < 100 && !engine_->crossing().net().stopped; ++i) run_for(5ms, true);
  EXPECT_TRUE(engine_->crossing().net().stopped);
  EXPECT_FALSE(engine_->net().may_write(now_));
  EXPECT_TRUE(
      logged([](const Fact& fact) { return std::holds_alternative<LeadershipLost>(fact); }));
  EXPECT_EQ(request("GET", kLease)["spec"].value("holderIdentity", ""), "");
}

TEST_F(EngineTest, WritesNothingMoreWhenItStops) {
  run_for(1s, true);
  create_service();
  engine_->loop().stop();
  run_for(5s, true);
  EXPECT_THAT(request("GET", kClusters)["items"], IsEmpty());
}

TEST_F(EngineTest, CatchesUpWithEveryKindAfterARestart) {
  run_for(1s, true);
  restart({});
  for (const Kind kind : watched_kinds()) {
    EXPECT_FALSE(engine_->state().fleet.kinds.at(kind).caught_up) << name_of(kind);
  }
  run_for(2s, true);
  for (const Kind kind : watched_kinds()) {
    EXPECT_TRUE(engine_->state().fleet.kinds.at(kind).caught_up) << name_of(kind);
  }
}

TEST_F(EngineTest, SeesWhatWasThereInANamespaceThatIsWatchedAnew) {
  restart({"elsewhere"});
  create_service();
  run_for(2s, true);
  EXPECT_THAT(engine_->state().partitions, IsEmpty());
  restart({"default"});
  run_for(2s, true);
  EXPECT_THAT(engine_->state().partitions, SizeIs(1));
}

}  // namespace
}  // namespace raycord

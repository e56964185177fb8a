#include "core/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/text.h"
#include "test/core/history.h"

namespace raycord {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string seen(Object object) { return describe(Fact{ObjectSeen{std::move(object)}}); }

TEST(Describe, ShowsWhatARayServiceAsksFor) {
  RayServiceSlice service = service_slice("llm");
  service.meta.generation = 3;
  service.cluster_hashes = {{}, {0x5d0e77aa00000000}};
  service.serve_config.hash = {0x8f3a51c200000000};
  EXPECT_EQ(seen(service),
            "RayService default/llm seen: generation 3, 1 group, revision 5d0e77aa, config "
            "8f3a51c2");
}

TEST(Describe, ShowsWhatIsWrongWithARayService) {
  RayServiceSlice service = service_slice("llm");
  service.invalid = {"InvalidRayServiceSpec", "spec.x must not be empty"};
  service.serve_config = {};
  service.serve_config.error = "line 3: not a map";
  service.meta.deleting_since = kHistoryStart;
  EXPECT_THAT(seen(service), HasSubstr("config unreadable: line 3: not a map"));
  EXPECT_THAT(seen(service), EndsWith("invalid: spec.x must not be empty, being deleted"));
}

TEST(Describe, ShowsTheGroupsOfARayCluster) {
  RayClusterSlice cluster = cluster_slice("rc");
  WorkerGroup tpu = worker_group("tpu", 2);
  tpu.hosts = 4;
  tpu.workers_to_delete = {"a", "b"};
  cluster.groups.push_back(tpu);
  cluster.status.state = "ready";
  EXPECT_THAT(seen(cluster), StartsWith("RayCluster default/rc seen: generation 1, workers 1, "
                                        "tpu 2x4 less 2, revision "));
  EXPECT_THAT(seen(cluster), EndsWith(", ready"));
}

TEST(Describe, ShowsPods) {
  PodSlice worker = worker_slice("rc", "small", "rc-small-worker-x", 2);
  EXPECT_EQ(seen(worker),
            "Pod default/rc-small-worker-x seen: worker of rc, group small #2, Running, Ready, "
            "10.0.0.1");
  worker.phase = PodPhase::Pending;
  worker.ready = false;
  worker.ready_reason = "ImagePullBackOff";
  worker.ip.clear();
  EXPECT_THAT(seen(worker), EndsWith("Pending, not Ready (ImagePullBackOff)"));
  PodSlice head = head_slice("rc", "rc-head");
  head.ray_restarts = 1;
  head.serve_label = "true";
  EXPECT_EQ(seen(head),
            "Pod default/rc-head seen: head of rc, Running, Ready, 10.0.0.1, restarted 1 time, "
            "ray.io/serve=true");
}

TEST(Describe, ShowsServicesAndEndpoints) {
  ServiceSlice service;
  service.meta = meta_named("llm-serve-svc");
  service.selected_cluster = "rc";
  service.selects_serve = true;
  service.cluster_ip = "10.96.0.1";
  EXPECT_EQ(seen(service), "Service default/llm-serve-svc seen: selects rc (serve), IP 10.96.0.1");
  EndpointsSlice endpoints;
  endpoints.meta = meta_named("llm-serve-svc-1");
  endpoints.service = "llm-serve-svc";
  endpoints.ready_uids = {"a"};
  EXPECT_EQ(seen(endpoints),
            "EndpointSlice default/llm-serve-svc-1 seen: 1 ready endpoint of llm-serve-svc");
  AccessSlice access;
  access.kind = Kind::Role;
  access.meta = meta_named("rc");
  access.cluster = "rc";
  EXPECT_EQ(seen(access), "Role default/rc seen: of rc");
}

TEST(Describe, ShowsRunsOfProbes) {
  ProbeRun run;
  run.ns = "default";
  run.cluster = "rc";
  run.first = kHistoryStart;
  run.last = kHistoryStart + 8s;
  run.count = 5;
  run.answer.serve = running(serve_config({"fruit", "math"}));
  EXPECT_EQ(describe(Fact{run}),
            "dashboard of default/rc answered 5 times in 8s: fruit RUNNING, math RUNNING; 1 proxy "
            "HEALTHY");
  run.continued = true;
  EXPECT_THAT(describe(Fact{run}), EndsWith(": as before"));
  run.continued = false;
  run.count = 1;
  run.last = run.first;
  run.answer = {ProbeTrouble::BadStatus, 503, {}, false};
  run.target = ProbeTarget::Proxy;
  run.slowest = 3s;
  EXPECT_EQ(describe(Fact{run}),
            "proxy of default/rc answered 1 time: bad status (503); slowest 3s");
}

TEST(Describe, ShowsOutcomes) {
  WriteDone done;
  done.decided = {12};
  done.status = 201;
  EXPECT_EQ(describe(Fact{done}), "#12 done");
  done.result = WriteResult::Refused;
  done.status = 403;
  done.message = "exceeded quota:\ncompute";
  EXPECT_EQ(describe(Fact{done}), "#12 refused (403): exceeded quota: compute");
}

TEST(Describe, ShowsWhatHappensToTheOperator) {
  EXPECT_EQ(describe(Fact{LeadershipGained{7}}), "leadership gained, epoch 7");
  EXPECT_EQ(describe(Fact{Gap{kHistoryStart, kHistoryStart + 5s, GapCause::Restart}}),
            "nothing observed from 2026-03-01T12:00:00.000Z to 2026-03-01T12:00:05.000Z (restart)");
  EXPECT_EQ(describe(Fact{KindListed{Kind::Pod, 120, {}}}), "all of Pod listed at version 120");
  EXPECT_EQ(describe(Fact{WorldRestored{Kind::Pod, 500, 20}}),
            "world restored: Pod went back from version 500 to 20");
  EXPECT_EQ(describe(Fact{Quarantined{{Kind::RayService, "default", "llm"}, "a < b", "1.0"}}),
            "quarantined rayservice/default/llm: a < b");
  EXPECT_EQ(describe(Fact{ObjectGone{{Kind::Pod, "default", "x"}, "", 9, GoneHow::Unlisted}}),
            "Pod default/x gone (unlisted)");
}

TEST(Describe, NamesRuleEffectAndCausesOfADecision) {
  Decision decision;
  decision.rule = Rule::StartUpgrade;
  decision.causes = {{12}, {31}};
  CreateCluster create;
  create.ns = "default";
  create.name = "llm-raycluster-x7k2p";
  create.spec_revision = {0x5d0e77aa00000000};
  create.purpose = Purpose::Upgrade;
  create.attempt = 1;
  decision.effect = create;
  EXPECT_EQ(describe(decision),
            "start-upgrade: create RayCluster default/llm-raycluster-x7k2p (upgrade, revision "
            "5d0e77aa, attempt 1) because #12 #31");
}

TEST(Describe, ShowsEveryEffect) {
  const auto line = [](const Effect& effect) { return describe(effect); };
  CreatePod pod{"default",        "rc-w-1", {{Kind::RayCluster, "default", "rc"}, {1}},
                NodeType::Worker, "tpu",    2,
                "tpu-abcde",      3};
  EXPECT_EQ(line(pod), "create worker Pod default/rc-w-1 of rc, group tpu #2 (tpu-abcde, host 3)");
  pod.node_type = NodeType::Head;
  EXPECT_EQ(line(pod), "create head Pod default/rc-w-1 of rc");
  EXPECT_EQ(line(CreateService{"default", "s", ServiceRole::Serve, "rc", {}, {}}),
            "create Service default/s (serve) for rc");
  EXPECT_EQ(
      line(SwitchService{"default", "s", "uid", 1, ServiceRole::ServiceHead, "rc", {}, {}, {}}),
      "switch Service default/s (head of the active cluster) to rc");
  EXPECT_EQ(line(DeleteObject{{Kind::Pod, "default", "x"}, "uid"}), "delete Pod default/x");
  EXPECT_EQ(line(SetFinalizer{"default", "llm", "uid", 1, false, {}}),
            "remove finalizer from RayService default/llm");
  EXPECT_EQ(line(LabelPod{"default", "x", "uid", true}), "label Pod default/x ray.io/serve=true");
  EXPECT_EQ(line(RememberOnService{"default", "llm", "uid", 2, 1, kHistoryStart}),
            "remember on RayService default/llm: name counter 2, 1 failed attempt, back off until "
            "2026-03-01T12:00:00Z");
  EXPECT_EQ(line(RememberOnCluster{"default", "rc", "uid", kHistoryStart, {0xabcdef0100000000}}),
            "remember on RayCluster default/rc: accepted config abcdef01, delete after "
            "2026-03-01T12:00:00Z");
  WriteClusterStatus status;
  status.ns = "default";
  status.name = "rc";
  status.content = {0x1234567800000000};
  EXPECT_EQ(line(status), "write status of RayCluster default/rc (content 12345678)");
}

TEST(Describe, NeverShowsWhereATokenIsKept) {
  PutServeConfig put;
  put.ns = "default";
  put.cluster = "rc";
  put.token_secret = "rc-token";
  put.config = {0x8f3a51c200000000};
  EXPECT_EQ(describe(Effect{put}), "send Serve config 8f3a51c2 to RayCluster default/rc");
}

TEST(Describe, CutsLongLinesAndKeepsTheCauses) {
  Decision decision;
  decision.rule = Rule::DeleteDeadPod;
  decision.causes = {{12345678}};
  decision.effect = DeleteObject{{Kind::Pod, "default", std::string(1000, 'x')}, "uid"};
  EXPECT_LE(describe(decision).size(), kDescriptionMax);
  EXPECT_THAT(describe(decision), EndsWith("… because #12345678"));
}

TEST(Text, CutsBetweenCharactersAndDropsControlCharacters) {
  EXPECT_EQ(one_line("a\nb\tc\x1b[31m", 100), "a b c [31m");
  EXPECT_EQ(one_line("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(one_line("abcdefghi", 8), "abcde…");
  EXPECT_EQ(one_line("äöüäöü", 8), "äö…");
}

TEST(Describe, GivesOneLineForEveryEventOfAStory) {
  History history;
  history.see(service_slice("llm"));
  history.settle_for(10s);
  history.restart();
  history.settle_for(10s);
  std::size_t lines = 0;
  for (const Frame& frame : history.frames()) {
    for (const PlacedFact& placed : frame.facts) {
      EXPECT_THAT(describe(placed.fact), Not(HasSubstr("\n")));
      EXPECT_THAT(describe(placed.fact), Not(HasSubstr("unknown")));
      ++lines;
    }
    for (const Decision& decision : frame.decisions) {
      EXPECT_THAT(describe(decision), HasSubstr(" because #"));
      ++lines;
    }
  }
  EXPECT_GT(lines, 40u);
}

}  // namespace
}  // namespace raycord

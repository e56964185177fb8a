#include "core/believed.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

template <class Slice>
Known<Slice> known(const std::string& ns, const std::string& name, std::uint64_t version) {
  Slice slice;
  slice.meta.ns = ns;
  slice.meta.name = name;
  slice.meta.uid = "uid-" + name;
  slice.meta.version = version;
  return {slice, Seq{1}};
}

State state_with_two_services() {
  State state;
  for (const char* ns : {"a", "b"}) {
    Partition& partition = state.partitions[{Kind::RayService, ns, "llm"}];
    partition.ns = ns;
    partition.name = "llm";
    partition.service = known<RayServiceSlice>(ns, "llm", 10);
    partition.services["llm-serve-svc"] = known<ServiceSlice>(ns, "llm-serve-svc", 11);
    partition.endpoint_slices["llm-x"] = known<EndpointsSlice>(ns, "llm-x", 12);
    Cluster& cluster = partition.clusters["c1"];
    cluster.object = known<RayClusterSlice>(ns, "c1", 13);
    cluster.pods["c1-head"] = known<PodSlice>(ns, "c1-head", 14);
    cluster.services["c1-head-svc"] = known<ServiceSlice>(ns, "c1-head-svc", 15);
    cluster.access.insert({Kind::Role, "c1"});
    state.fleet.roots[{ns, "c1"}] = name_of(partition);
    state.fleet.homes[{Kind::Pod, ns, "c1-head"}] = name_of(partition);
  }
  const ObjectName orphan{Kind::Pod, "a", "orphan"};
  state.fleet.unrooted[orphan] = {known<PodSlice>("a", "orphan", 9).value, Seq{1}};
  return state;
}

TEST(Believed, FindsTheObjectsOfAKindWhereverTheyHang) {
  const State state = state_with_two_services();
  EXPECT_EQ(
      believed_objects(state, Kind::Service, "a"),
      (std::vector<Believed>{{{Kind::Service, "a", "c1-head-svc"}, "uid-c1-head-svc", 15},
                             {{Kind::Service, "a", "llm-serve-svc"}, "uid-llm-serve-svc", 11}}));
  EXPECT_EQ(believed_objects(state, Kind::Role, "b"),
            (std::vector<Believed>{{{Kind::Role, "b", "c1"}, "", 0}}));
  for (const Kind kind : {Kind::RayService, Kind::RayCluster, Kind::EndpointSlice}) {
    EXPECT_EQ(believed_objects(state, kind, "").size(), 2u) << name_of(kind);
  }
}

TEST(Believed, CountsObjectsWhoseRootIsNotKnown) {
  const State state = state_with_two_services();
  EXPECT_EQ(believed_objects(state, Kind::Pod, "").size(), 3u);
  EXPECT_TRUE(is_believed(state, {Kind::Pod, "a", "orphan"}));
}

TEST(Believed, KnowsSingleObjectsWithoutASearch) {
  const State state = state_with_two_services();
  EXPECT_TRUE(is_believed(state, {Kind::RayService, "a", "llm"}));
  EXPECT_TRUE(is_believed(state, {Kind::RayCluster, "b", "c1"}));
  EXPECT_TRUE(is_believed(state, {Kind::Pod, "b", "c1-head"}));
  EXPECT_FALSE(is_believed(state, {Kind::Pod, "c", "c1-head"}));
  EXPECT_FALSE(is_believed(state, {Kind::RayCluster, "c", "c1"}));
}

}  // namespace
}  // namespace raycord

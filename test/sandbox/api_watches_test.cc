#include "sandbox/api_watches.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

std::string watch_url(const std::string& query) {
  return std::string(Bench::kMaps) + "?watch=true" + query;
}

TEST(Watches, TellEachChangeFromAVersionOn) {
  Bench bench;
  bench.post(Bench::kMaps, Bench::config_map("early"));
  const std::string from = bench.get(Bench::kMaps)["metadata"]["resourceVersion"];
  bench.post(Bench::kMaps, Bench::config_map("a"));
  ASSERT_NE(bench.watch(watch_url("&resourceVersion=" + from)), 0u);
  bench.merge(std::string(Bench::kMaps) + "/a", {{"data", {{"k", "v"}}}});
  bench.send("DELETE", std::string(Bench::kMaps) + "/a");
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]["type"], "ADDED");
  EXPECT_EQ(events[1]["type"], "MODIFIED");
  EXPECT_EQ(events[2]["type"], "DELETED");
  EXPECT_GT(events[2]["object"]["metadata"]["resourceVersion"],
            events[1]["object"]["metadata"]["resourceVersion"]);
}

TEST(Watches, BeginWithEverythingWithoutAVersion) {
  Bench bench;
  bench.post(Bench::kMaps, Bench::config_map("a"));
  bench.watch(watch_url(""));
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["object"]["metadata"]["name"], "a");
}

TEST(Watches, HearOnlyOfTheirOwnKindAndNamespace) {
  Bench bench;
  bench.watch(watch_url(""));
  bench.post("/api/v1/namespaces/kube-system/configmaps", Bench::config_map("elsewhere"));
  bench.post("/api/v1/namespaces/default/serviceaccounts", {{"metadata", {{"name", "other"}}}});
  EXPECT_TRUE(bench.events().empty());
}

TEST(Watches, SeeObjectsComeAndGoWithTheirLabels) {
  Bench bench;
  bench.post(Bench::kMaps, Bench::config_map("a"));
  bench.watch(watch_url("&labelSelector=in%3Dyes"));
  const std::string url = std::string(Bench::kMaps) + "/a";
  bench.merge(url, {{"metadata", {{"labels", {{"in", "yes"}}}}}});
  bench.merge(url, {{"metadata", {{"labels", {{"in", "no"}}}}}});
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0]["type"], "ADDED");
  EXPECT_EQ(events[1]["type"], "DELETED");
}

TEST(Watches, SendBookmarksEachMinuteAndAtTheEnd) {
  Bench bench;
  bench.watch(watch_url("&allowWatchBookmarks=true&timeoutSeconds=150"));
  bench.pass(Millis(61'000));
  auto events = bench.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["type"], "BOOKMARK");
  EXPECT_EQ(events[0]["object"]["metadata"]["resourceVersion"],
            std::to_string(bench.sandbox.resource_version()));
  EXPECT_FALSE(bench.ended);
  bench.pass(Millis(90'000));
  EXPECT_EQ(bench.events().size(), 2u);
  EXPECT_TRUE(bench.ended);
}

TEST(Watches, SayGoneWhenHistoryDoesNotReachBack) {
  Bench bench({.history = 2});
  for (const char* name : {"a", "b", "c", "d"}) bench.post(Bench::kMaps, Bench::config_map(name));
  ASSERT_NE(bench.watch(watch_url("&resourceVersion=101")), 0u);
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["type"], "ERROR");
  EXPECT_EQ(events[0]["object"]["code"], 410);
  EXPECT_TRUE(bench.ended);
  Bench strict({.history = 2, .expired_watch_is_http = true});
  for (const char* name : {"a", "b", "c", "d"}) strict.post(Bench::kMaps, Bench::config_map(name));
  EXPECT_EQ(strict.send("GET", watch_url("&resourceVersion=101")).status, 410);
}

TEST(Watches, AreSilentOnceClosed) {
  Bench bench;
  const auto watch = bench.watch(watch_url(""));
  bench.sandbox.close_watch(watch);
  bench.post(Bench::kMaps, Bench::config_map("a"));
  EXPECT_TRUE(bench.events().empty());
}

TEST(Watches, ShowRowsToThoseWhoAskForTables) {
  Bench bench;
  bench.raw("GET", watch_url(""), "", "",
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  bench.post(Bench::kMaps, Bench::config_map("a"));
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["object"]["kind"], "Table");
  EXPECT_EQ(events[0]["object"]["rows"][0]["cells"][0], "a");
}

}  // namespace
}  // namespace raycord

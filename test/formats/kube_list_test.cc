#include "formats/kube_list.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

TEST(KubeList, SplitsAPageAndTypesItsItems) {
  const auto page = split_list(R"({"kind":"PodList","apiVersion":"v1","metadata":
      {"resourceVersion":"1208","continue":"eyJ2Ijoi","remainingItemCount":3},
      "items":[{"metadata":{"name":"a","labels":{"x":"}{"}}}, {} ]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->version, 1208u);
  EXPECT_EQ(page->next_page, "eyJ2Ijoi");
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0],
            R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"}{"}}})");
  EXPECT_EQ(page->items[1], R"({"apiVersion":"v1","kind":"Pod"})");
}

TEST(KubeList, LeavesItemsThatSayTheirTypeAsTheyAre) {
  const std::string item = R"({ "kind":"RayCluster", "apiVersion":"ray.io/v1" })";
  const auto page = split_list(R"({"items":[)" + item +
                               R"(],"kind":"RayClusterList","apiVersion":"ray.io/v1",)"
                               R"("metadata":{"resourceVersion":"7"}})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->items, std::vector<std::string>{item});
}

TEST(KubeList, TakesNullItemsForNone) {
  const auto page =
      split_list(R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->items.empty());
}

TEST(KubeList, RefusesWhatIsNoWholeList) {
  const char* broken[] = {
      "",
      "<html>bad gateway</html>",
      R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"metadata":{)",
      R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]} {})",
      R"({"kind":"PodList","metadata":{"resourceVersion":"abc"},"items":[]})",
      R"({"kind":"PodList","metadata":{},"items":[]})",
      R"({"kind":"Status","metadata":{"resourceVersion":"7"}})",
      R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":["x"]})",
      R"([])",
  };
  for (const char* text : broken) EXPECT_FALSE(split_list(text)) << text;
}

TEST(KubeList, SplitsALineOfAWatch) {
  const auto event = split_watch_line(R"({"type":"MODIFIED","object":{"kind":"Pod","a":[1]}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->type, WatchEventType::Modified);
  EXPECT_EQ(event->object, R"({"kind":"Pod","a":[1]})");
}

TEST(KubeList, RefusesLinesThatAreNoEvents) {
  const char* broken[] = {
      "{",
      R"({"type":"ADDED","object":{"a":1)",
      R"({"type":"RENAMED","object":{}})",
      R"({"type":"ADDED"})",
      R"({"object":{}})",
      R"({"type":"ADDED","object":3})",
      "garbage",
  };
  for (const char* text : broken) EXPECT_FALSE(split_watch_line(text)) << text;
}

TEST(KubeList, ReadsTheHeadOfAnyObject) {
  const auto head = read_object_head(
      R"({"kind":"Service","metadata":{"namespace":"n","name":"s","uid":"u","resourceVersion":"12",
          "labels":{"ray.io/cluster":"c"},"finalizers":["x"],
          "deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->kind, "Service");
  EXPECT_EQ(head->ns, "n");
  EXPECT_EQ(head->name, "s");
  EXPECT_EQ(head->uid, "u");
  EXPECT_EQ(head->version, 12u);
  EXPECT_TRUE(head->has_ray_label);
  EXPECT_TRUE(head->has_finalizers);
  EXPECT_TRUE(head->deleting);
}

TEST(KubeList, OnlyKeysOfRayAreRayLabels) {
  const auto head =
      read_object_head(R"({"metadata":{"labels":{"app":"ray.io/x","xray.io/a":""}}})");
  ASSERT_TRUE(head);
  EXPECT_FALSE(head->has_ray_label);
}

TEST(KubeList, ReadsAStatus) {
  const auto status = read_kube_status(
      R"({"kind":"Status","status":"Failure","message":"slow down","reason":"TooManyRequests",
          "details":{"retryAfterSeconds":3,"uid":"u"},"code":429})");
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->success);
  EXPECT_EQ(status->code, 429);
  EXPECT_EQ(status->reason, "TooManyRequests");
  EXPECT_EQ(status->message, "slow down");
  EXPECT_EQ(status->uid, "u");
  EXPECT_EQ(status->retry_after, Millis(3000));
  EXPECT_FALSE(read_kube_status(R"({"kind":"Pod"})"));
  EXPECT_FALSE(read_kube_status("nothing"));
}

}  // namespace
}  // namespace raycord

#include "sandbox/api_discovery.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

TEST(Discovery, ListsEachKindOnceUnderEachVersion) {
  Bench bench;
  const Json groups = bench.get("/apis");
  EXPECT_EQ(groups["groups"][0]["name"], "ray.io");
  EXPECT_EQ(groups["groups"][0]["preferredVersion"]["version"], "v1");
  for (const char* path : {"/apis/ray.io/v1", "/apis/ray.io/v1alpha1"}) {
    const Json list = bench.get(path);
    ASSERT_EQ(list["resources"].size(), 4u) << path;  // Two kinds, each with its status.
    EXPECT_EQ(list["resources"][0]["name"], "rayservices");
  }
  EXPECT_EQ(bench.send("GET", "/apis/nobody.io/v1").status, 404);
}

TEST(Discovery, TellsKubectlThatItMayAskForValidation) {
  Bench bench;
  const Json index = bench.get("/openapi/v3");
  const std::string url = index["paths"]["apis/ray.io/v1"]["serverRelativeURL"];
  const Json document = bench.get(url);
  bool found = false;
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const Json& parameter : operations["patch"]["parameters"]) {
      found = found || parameter["name"] == "fieldValidation";
    }
  }
  EXPECT_TRUE(found);
}

TEST(Discovery, GivesOldKubectlItsSchemaAsProtobuf) {
  Bench bench;
  const HttpResponse schema = bench.send(
      "GET", "/openapi/v2", "", "", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
  EXPECT_EQ(schema.status, 200);
  EXPECT_EQ(schema.body,
            "\x0a\x03"
            "2.0");
  EXPECT_EQ(bench.get("/openapi/v2")["swagger"], "2.0");
}

TEST(Discovery, AllowsEverything) {
  Bench bench;
  const HttpResponse review =
      bench.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {{"spec", {{"a", 1}}}});
  EXPECT_EQ(review.status, 201);
  EXPECT_EQ(Json::parse(review.body)["status"]["allowed"], true);
}

}  // namespace
}  // namespace raycord

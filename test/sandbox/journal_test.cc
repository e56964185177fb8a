#include "sandbox/journal.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

class JournalTest : public testing::Test {
 protected:
  static SandboxOptions with_journal() {
    SandboxOptions options;
    options.journal = true;
    return options;
  }

  Json entries(const std::string& since = "0") {
    return bench_.get("/sandbox/journal?since=" + since).at("entries");
  }

  Bench bench_{with_journal()};
};

TEST_F(JournalTest, KeepsEachChangeInItsOrderWithItsAnswer) {
  bench_.post(Bench::kMaps, Bench::config_map("a"));
  bench_.post(Bench::kMaps, Bench::config_map("a"));
  bench_.get(std::string(Bench::kMaps) + "/a");
  bench_.send("DELETE", std::string(Bench::kMaps) + "/a");
  const Json seen = entries();
  ASSERT_EQ(seen.size(), 3U) << "reading is no change";
  EXPECT_EQ(seen[0].at("method"), "POST");
  EXPECT_EQ(seen[0].at("path"), Bench::kMaps);
  EXPECT_EQ(seen[0].at("code"), 201);
  EXPECT_EQ(seen[0].at("body").at("metadata").at("name"), "a");
  EXPECT_EQ(seen[1].at("code"), 409);
  EXPECT_EQ(seen[2].at("method"), "DELETE");
  EXPECT_EQ(seen[2].at("seq"), 3);
  EXPECT_EQ(entries("2").size(), 1U);
}

TEST_F(JournalTest, KeepsWhatAFaultSpoiled) {
  bench_.post("/sandbox/faults",
              {{"target", "apiserver"}, {"mode", "error"}, {"code", 503}, {"count", 1}});
  bench_.post(Bench::kMaps, Bench::config_map("a"));
  bench_.post("/sandbox/faults", {{"target", "apiserver"}, {"mode", "hang"}});
  bench_.post(Bench::kMaps, Bench::config_map("b"));
  const Json seen = entries();
  ASSERT_EQ(seen.size(), 2U) << "what is asked of the sandbox itself is no change of the cluster";
  EXPECT_EQ(seen[0].at("code"), 503);
  EXPECT_EQ(seen[1].at("code"), 0);
}

TEST_F(JournalTest, ShowsWhatServeHasDeployedWhenItChanges) {
  bench_.post(Bench::kPods, Bench::ray_pod("head", "ray", "head"));
  bench_.pass(Millis(5000));
  const std::string serve = std::string(Bench::kPods) + "/head:8265/proxy/api/serve/applications/";
  bench_.get(serve);
  const Json config = {
      {"applications", {{{"name", "app"}, {"route_prefix", "/"}, {"import_path", "a.b"}}}}};
  ASSERT_EQ(bench_.send("PUT", serve, config.dump()).status, 200);
  bench_.get(serve);
  bench_.get(serve);
  Json seen = Json::array();
  for (const Json& entry : entries()) {
    if (entry.at("method") != "POST") seen.push_back(entry);
  }
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].at("deployed"), Json::object());
  EXPECT_EQ(seen[1].at("method"), "PUT");
  EXPECT_EQ(seen[1].at("body"), config);
  EXPECT_EQ(seen[2].at("deployed").at("app").at("import_path"), "a.b");
}

TEST(Journal, IsNotKeptUnlessAskedFor) {
  Bench bench;
  EXPECT_EQ(bench.send("GET", "/sandbox/journal").status, 404);
}

}  // namespace
}  // namespace raycord

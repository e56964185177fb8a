#include "sandbox/api_tables.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

TEST(Tables, PrintDurationsAsKubectlDoes) {
  const auto print = [](long long seconds) { return human_duration(Millis(seconds * 1000)); };
  EXPECT_EQ(print(0), "0s");
  EXPECT_EQ(print(119), "119s");
  EXPECT_EQ(print(162), "2m42s");
  EXPECT_EQ(print(600), "10m");
  EXPECT_EQ(print(3 * 3600 + 300), "3h5m");
  EXPECT_EQ(print(30 * 3600), "30h");
  EXPECT_EQ(print(3 * 86400), "3d");
  EXPECT_EQ(print(400LL * 86400), "400d");
}

TEST(Tables, ShowPodsAsKubectlExpects) {
  Bench bench;
  bench.post(Bench::kPods, Bench::ray_pod("h", "rc", "head"));
  bench.pass(Millis(165'000));
  const Json table = Json::parse(bench.send("GET", Bench::kPods, "", "", kTable).body);
  EXPECT_EQ(table["kind"], "Table");
  const Json cells = table["rows"][0]["cells"];
  ASSERT_EQ(cells.size(), table["columnDefinitions"].size());
  EXPECT_EQ(cells[0], "h");
  EXPECT_EQ(cells[1], "1/1");
  EXPECT_EQ(cells[2], "Running");
  EXPECT_EQ(cells[3], "0");
  EXPECT_EQ(cells[4], "2m45s");
  EXPECT_EQ(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
}

TEST(Tables, HaveAsManyCellsAsColumnsForEachKind) {
  for (const ApiKind& kind : api_kinds()) {
    ApiStore store(10);
    const ApiObjectPtr bare = store.put(kind.id, {{"metadata", {{"name", "x"}, {"uid", "u"}}}});
    for (const GroupVersion& at : kind.served) {
      const Json columns = table_columns(kind, at);
      EXPECT_EQ(table_cells(*bare, at, kTestStart).size(), columns.size()) << kind.kind;
      EXPECT_EQ(kind.id == ApiKindId::Event ? "Last Seen" : "Name", columns[0]["name"]);
    }
  }
}

TEST(Tables, UseTheColumnsOfTheCustomResources) {
  const ApiKind& kind = api_kind(ApiKindId::RayCluster);
  std::string names;
  for (const Json& column : table_columns(kind, kind.served[0])) {
    names += column["name"].get<std::string>() + "|";
  }
  EXPECT_EQ(names,
            "Name|desired workers|available workers|cpus|memory|gpus|tpus|status|age|head pod "
            "IP|head service IP|");
}

}  // namespace
}  // namespace raycord

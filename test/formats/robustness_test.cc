// Damaged input gives a value or an error: no decoder crashes, hangs or throws.

#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/go_duration.h"
#include "formats/manifest.h"
#include "formats/message_keeper.h"
#include "formats/object_slice.h"
#include "formats/patch_json.h"
#include "formats/serve_answer.h"
#include "formats/serve_config.h"
#include "formats/spec_hash.h"
#include "formats/status_json.h"
#include "formats/validation.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

constexpr int kRuns = 20'000;

// Cuts, repeats, flips and mixes in what parsers stumble over.
class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  std::string next() {
    std::string text = corpus_[pick(corpus_.size())];
    for (std::size_t edits = 1 + pick(4); edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t pick(std::size_t below) { return below == 0 ? 0 : random_() % below; }

  void edit(std::string& text) {
    static const std::vector<std::string> kPieces = {
        "null",    "[]",   "{}",     "\"\"",    "-1",        "1e999", "99999999999999999999",
        "\\u0000", "\xff", "\xc3",   "{\"a\":", "[[[[",      "]",     "}",
        ":",       ",",    "\n",     "\t",      "&a ",       "*a",    "<<: ",
        "- ",      "? ",   "!!int ", "---\n",   "%YAML 9\n", "'",     "\"",
        "|\n",     "#",    "\\",     "0x",      ".inf",      "true",  "metadata"};
    const std::size_t at = pick(text.size() + 1);
    switch (pick(6)) {
      case 0:
        text.insert(at, kPieces[pick(kPieces.size())]);
        break;
      case 1:
        text.erase(at, 1 + pick(20));
        break;
      case 2:
        if (!text.empty()) text[pick(text.size())] = static_cast<char>(pick(256));
        break;
      case 3:
        text.insert(at, text.substr(pick(text.size() + 1), pick(60)));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        if (at < text.size()) text.replace(at, 1 + pick(8), kPieces[pick(kPieces.size())]);
        break;
    }
  }

  std::vector<std::string> corpus_;
  std::minstd_rand random_{20260201};
};

void survive(std::vector<std::string> corpus, const std::function<void(const std::string&)>& read) {
  Mutator mutator(std::move(corpus));
  for (int i = 0; i < kRuns; ++i) {
    const std::string text = mutator.next();
    ASSERT_NO_THROW(read(text)) << "run " << i << ": " << text;
  }
}

std::vector<std::string> objects() {
  std::vector<std::string> objects = {
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"ray.io/cluster":"c"}},
          "spec":{"containers":[{"name":"ray"}]},"status":{"phase":"Running","conditions":[
          {"type":"Ready","status":"False","reason":"ContainersNotReady"}],"containerStatuses":[
          {"name":"ray","restartCount":1,"state":{"waiting":{"reason":"r"}}}]}})",
      R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[
          {"name":"a","port":1,"targetPort":"x"}],"selector":{"ray.io/serve":"true"}}})",
      R"({"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"e"},
          "endpoints":[{"conditions":{"ready":true},"targetRef":{"uid":"u"}}]})"};
  for (const char* file : {"ray_service.yaml", "ray_cluster.yaml"}) {
    const auto read = read_manifest(test_data(file));
    EXPECT_TRUE(read);
    if (read) objects.insert(objects.end(), read->begin(), read->end());
  }
  return objects;
}

TEST(Robustness, ObjectsOfAnyDamageAreReadOrRefused) {
  survive(objects(), [](const std::string& text) {
    (void)slice_object(text);
    (void)slice_object(Kind::RayCluster, text);
  });
}

TEST(Robustness, SpecsAndRulesTakeAnyDamage) {
  survive(objects(), [](const std::string& text) {
    (void)hash_spec(text);
    (void)validate_ray_service(text);
    (void)validate_ray_cluster(text);
  });
}

TEST(Robustness, ServeConfigsOfAnyDamageAreReadOrRefused) {
  const std::vector<std::string> corpus = {
      "applications:\n- name: a\n  import_path: x:y\n  deployments: &d\n  - {name: D, user_config: "
      "{a: 1.5}}\n- name: b\n  deployments: *d\n",
      "base: &b {x: 1}\nmore:\n  <<: [*b, {y: 010}]\n  z: |\n    text\n  q: >-\n    folded\n",
      R"({"applications": [{"name": "a", "args": {"x": [1, 2.5, null, true, "\u00e9"]}}]})"};
  survive(corpus, [](const std::string& text) {
    const ServeConfig config = read_serve_config(text);
    const auto json = serve_config_json(text);
    // The two readings agree, and what is sent can be read again.
    ASSERT_EQ(config.error.empty(), static_cast<bool>(json)) << text;
    if (json) {
      ASSERT_EQ(read_serve_config(*json).hash, config.hash) << text;
    }
  });
}

TEST(Robustness, ManifestsOfAnyDamageAreReadOrRefused) {
  survive({test_data("ray_service.yaml"), test_data("ray_cluster.yaml"),
           "kind: A\napiVersion: v1\n---\n# x\n---\nkind: List\napiVersion: v1\nitems: []\n"},
          [](const std::string& text) { (void)read_manifest(text); });
}

TEST(Robustness, ServeAnswersOfAnyDamageAreReadOrRefused) {
  MessageKeeper keeper;
  Time now{};
  survive({R"({"applications":{"a":{"status":"UNHEALTHY","message":"\u001b[36mpid=1 0xab /x/y",
               "deployed_app_config":{"name":"a","args":{}},"deployments":{"D":{"status":"HEALTHY",
               "status_trigger":"T","message":""}}}},"proxies":{"n":{"status":"HEALTHY"}}})"},
          [&](const std::string& text) {
            auto answer = slice_serve_answer(text);
            now += Millis(500);
            if (answer) keeper.keep(*answer, now);
            (void)normal_form(text);
            (void)cut_message(text);
          });
}

TEST(Robustness, SmallTextsAndPatchesTakeAnyDamage) {
  survive({"1h30m", "1.5h", "300ms", "2026-02-01T10:00:00Z"}, [](const std::string& text) {
    (void)from_go_duration(text);
    (void)read_initializing_timeout(text);
  });
  survive({R"({"metadata":{"uid":"u","resourceVersion":"1","finalizers":["a"]},"status":{"a":1}})"},
          [](const std::string& text) { (void)finalizer_patch({}, text); });
}

}  // namespace
}  // namespace raycord

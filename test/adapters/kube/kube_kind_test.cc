#include "adapters/kube/kube_kind.h"

#include <gtest/gtest.h>

#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

class KubeKindTest : public testing::Test {
 protected:
  Texts facts(KubeKind& kind) {
    std::vector<Observation> observations;
    kind.take_observations(observations);
    return observation_texts(observations);
  }

  Time now{1'000'000ms};
  FakeTransport transport;
  KubeApi api{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
};

TEST_F(KubeKindTest, SeveralNamespacesAreListedWhenTheLastOneIs) {
  KubeKind kind(Kind::Pod, {"a", "b"}, api, transport);
  kind.begin(0, Seq{5});
  kind.tick(now, false);
  transport.reply("namespaces/a/pods", 200, list_json("Pod", 120, {}));
  EXPECT_EQ(facts(kind), Texts{"complete Pod:"});  // What is absent there is known at once.
  transport.reply("namespaces/b/pods", 200, list_json("Pod", 110, {}));
  EXPECT_EQ(facts(kind), (Texts{"complete Pod:", "listed Pod 110 asked 5"}));
}

TEST_F(KubeKindTest, ABarrierIsAnsweredWhenAllNamespacesHavePassedIt) {
  KubeKind kind(Kind::Pod, {"a", "b"}, api, transport);
  kind.begin(100, Seq{5});
  kind.tick(now, false);
  transport.reply(
      "namespaces/a/pods?labelSelector=ray.io%2Fnode-type%20in%20%28head%2Cworker%29&"
      "limit=1",
      200, list_json("Pod", 100, {}));
  EXPECT_EQ(facts(kind), Texts{});
  transport.reply("limit=1", 200, list_json("Pod", 100, {}));
  EXPECT_EQ(facts(kind), Texts{"caught up Pod 100 asked 5"});
}

TEST_F(KubeKindTest, SaysWhichWatchDoesNotGetOn) {
  KubeKind kind(Kind::Pod, {"a", "b"}, api, transport);
  kind.begin(0, {});
  kind.tick(now, false);
  transport.fail("namespaces/b/pods", HttpFailure::Refused, "could not connect");
  EXPECT_EQ(kind.trouble(), "watch Pod b: could not connect");
}

}  // namespace
}  // namespace raycord

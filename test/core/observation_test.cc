#include "core/observation.h"

#include <gtest/gtest.h>

#include "core/turn.h"

namespace raycord {
namespace {

constexpr Time kNow{Millis(1'000'000)};

ServiceSlice service(const std::string& name, std::uint64_t version) {
  ServiceSlice slice;
  slice.meta.ns = "default";
  slice.meta.name = name;
  slice.meta.uid = "uid-" + name;
  slice.meta.version = version;
  slice.meta.owner.kind = "RayService";
  slice.meta.owner.name = "llm";
  return slice;
}

ObjectName name(const std::string& service) { return {Kind::Service, "default", service}; }

Report seen(const std::string& of, std::uint64_t version) {
  return {ObjectSeen{service(of, version)}, ""};
}

CompleteList list(std::uint64_t version, std::vector<ObjectName> present) {
  CompleteList list;
  list.kind = Kind::Service;
  list.version = version;
  list.present = std::move(present);
  return list;
}

NotOurs not_ours(const std::string& of, std::uint64_t version) {
  return {{name(of), "uid-" + of, version, GoneHow::Watched}};
}

std::string text_of(const Fact& fact) {
  if (const auto* it = std::get_if<ObjectSeen>(&fact)) return "seen " + meta_of(it->object).name;
  if (const auto* it = std::get_if<ObjectGone>(&fact)) {
    return "gone " + it->name.name + " " + it->uid + " " + std::to_string(it->version) +
           (it->how == GoneHow::Unlisted ? " unlisted" : " watched");
  }
  return std::holds_alternative<KindListed>(fact) ? "listed" : "?";
}

using Texts = std::vector<std::string>;

class ObservationTest : public testing::Test {
 protected:
  void believe(const std::string& of, std::uint64_t version) {
    Turn turn(state, kNow);
    turn.add(ObjectSeen{service(of, version)});
    turn.finish();
  }

  Texts facts(std::vector<Observation> observations) {
    Texts texts;
    for (const Report& report : reports_of(state, std::move(observations))) {
      texts.push_back(text_of(report.fact));
    }
    return texts;
  }

  State state;
};

TEST_F(ObservationTest, WhatACompleteListLacksIsGoneBeforeTheListIsReported) {
  believe("a", 90);
  believe("b", 95);
  believe("c", 96);
  EXPECT_EQ(facts({seen("a", 90), list(100, {name("a")}), Report{KindListed{}, ""}}),
            (Texts{"seen a", "gone b uid-b 100 unlisted", "gone c uid-c 100 unlisted", "listed"}));
}

TEST_F(ObservationTest, AnOwnWriteThatIsNewerThanTheListIsNotGone) {
  believe("created", 120);
  EXPECT_EQ(facts({list(100, {})}), Texts{});
  EXPECT_EQ(facts({list(120, {})}), Texts{"gone created uid-created 120 unlisted"});
}

TEST_F(ObservationTest, AnOwnWriteThatIsNotFoldedYetCountsAsBelieved) {
  EXPECT_EQ(facts({seen("created", 120), list(100, {})}), Texts{"seen created"});
  EXPECT_EQ(facts({seen("created", 120), list(130, {})}),
            (Texts{"seen created", "gone created uid-created 130 unlisted"}));
  believe("changed", 90);
  EXPECT_EQ(facts({seen("changed", 140), list(130, {})}), Texts{"seen changed"});
}

TEST_F(ObservationTest, WhatIsNoNewsMakesNothingNewer) {
  believe("a", 110);
  EXPECT_EQ(facts({seen("a", 105), list(108, {})}), Texts{"seen a"});
  EXPECT_EQ(facts({seen("a", 105), list(110, {})}), (Texts{"seen a", "gone a uid-a 110 unlisted"}));
}

TEST_F(ObservationTest, WhatIsGoneAlreadyIsNotGoneAgain) {
  believe("a", 90);
  const Report gone{ObjectGone{name("a"), "uid-a", 0, GoneHow::Answered}, ""};
  EXPECT_EQ(facts({gone, list(100, {})}), Texts{"gone a uid-a 0 watched"});
  EXPECT_EQ(facts({list(100, {}), list(101, {})}), Texts{"gone a uid-a 100 unlisted"});
}

TEST_F(ObservationTest, AListOfOneNamespaceSaysNothingAboutOthers) {
  believe("a", 90);
  CompleteList other = list(100, {});
  other.ns = "elsewhere";
  EXPECT_EQ(facts({other}), Texts{});
}

TEST_F(ObservationTest, InARestoredWorldVersionsSayNothing) {
  believe("a", 300);
  believe("b", 310);
  CompleteList restored = list(201, {name("a")});
  restored.restored = true;
  EXPECT_EQ(facts({restored}), Texts{"gone b uid-b 0 unlisted"});
}

TEST_F(ObservationTest, WhatIsNotOursIsGoneOnlyIfItWas) {
  believe("head", 90);
  EXPECT_EQ(facts({not_ours("head", 101), not_ours("db", 102), not_ours("head", 103)}),
            Texts{"gone head uid-head 101 watched"});
  EXPECT_EQ(facts({seen("fresh", 101), not_ours("fresh", 102)}),
            (Texts{"seen fresh", "gone fresh uid-fresh 102 watched"}));
}

TEST_F(ObservationTest, SizesCountBytesAndNames) {
  EXPECT_GT(bytes_of(Report{KindListed{}, std::string(5000, 'x')}), 5000u);
  EXPECT_GT(bytes_of(list(1, std::vector<ObjectName>(100, name("a")))), 100 * sizeof(ObjectName));
}

}  // namespace
}  // namespace raycord

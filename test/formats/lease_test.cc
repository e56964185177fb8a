#include "formats/lease.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

LeaseWish wish() {
  LeaseWish wish;
  wish.holder = "pod-1";
  wish.transitions = 3;
  wish.duration = Millis(15'000);
  wish.renewed = Time(Millis(1'500));
  wish.annotations = {{"raycord.io/log", "abcde"}};
  return wish;
}

TEST(Lease, ANewOneReadsBackAsWished) {
  LeaseWish first = wish();
  first.acquires = true;
  const std::string body = lease_body("system", "own", first);
  const auto record = read_lease(body);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->holder, "pod-1");
  EXPECT_EQ(record->transitions, 3u);
  EXPECT_EQ(record->duration, Millis(15'000));
  EXPECT_EQ(record->renewed, "1970-01-01T00:00:01.500000Z");
  EXPECT_EQ(record->annotations.at("raycord.io/log"), "abcde");
  EXPECT_NE(body.find("acquireTime"), std::string::npos);
}

TEST(Lease, AChangedOneKeepsWhatIsNotOurs) {
  const auto body = lease_body(
      R"({"kind":"Lease","metadata":{"resourceVersion":"7","labels":{"a":"b"},
          "annotations":{"other":"x"}},"spec":{"acquireTime":"then","preferredHolder":"p"}})",
      wish());
  ASSERT_TRUE(body) << body.error().message;
  for (const char* part : {R"("resourceVersion":"7")", R"("a":"b")", R"("other":"x")",
                           R"("acquireTime":"then")", R"("preferredHolder":"p")"}) {
    EXPECT_NE(body->find(part), std::string::npos) << part;
  }
  EXPECT_EQ(read_lease(*body)->version, "7");
}

TEST(Lease, ALeaseWithoutASpecIsHeldByNobody) {
  const auto record = read_lease(R"({"kind":"Lease","metadata":{"resourceVersion":"7"}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->holder, "");
  EXPECT_TRUE(lease_body(R"({"kind":"Lease","metadata":{"resourceVersion":"7"}})", wish()));
}

TEST(Lease, RefusesWhatIsNoLease) {
  for (const char* text :
       {"", "{", "[]", R"({"kind":"Status"})", R"({"kind":"Lease","spec":{"holderIdentity":7}})"}) {
    EXPECT_FALSE(read_lease(text)) << text;
  }
  EXPECT_FALSE(lease_body("nonsense", wish()));
}

}  // namespace
}  // namespace raycord

// Packed state: what is packed comes back, and no member of a struct is forgotten.

#include "core/archive.h"

#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "core/state.h"
#include "core/wanted.h"

namespace raycord {
namespace {

// --- How many members an aggregate has: as many as it takes initialisers ------------------------

#define BRACES_4 \
  {}, {}, {}, {}
#define BRACES_8 BRACES_4, BRACES_4
#define BRACES_16 BRACES_8, BRACES_8
#define TAKES(count, ...) \
  if constexpr (requires { T{__VA_ARGS__}; }) return count

template <class T>
constexpr std::size_t members_of() {
  TAKES(40, BRACES_16, BRACES_16, BRACES_8);  // No struct is as large; a larger one fails below.
  TAKES(39, BRACES_16, BRACES_16, BRACES_4, {}, {}, {});
  TAKES(38, BRACES_16, BRACES_16, BRACES_4, {}, {});
  TAKES(37, BRACES_16, BRACES_16, BRACES_4, {});
  TAKES(36, BRACES_16, BRACES_16, BRACES_4);
  TAKES(35, BRACES_16, BRACES_16, {}, {}, {});
  TAKES(34, BRACES_16, BRACES_16, {}, {});
  TAKES(33, BRACES_16, BRACES_16, {});
  TAKES(32, BRACES_16, BRACES_16);
  TAKES(31, BRACES_16, BRACES_8, BRACES_4, {}, {}, {});
  TAKES(30, BRACES_16, BRACES_8, BRACES_4, {}, {});
  TAKES(29, BRACES_16, BRACES_8, BRACES_4, {});
  TAKES(28, BRACES_16, BRACES_8, BRACES_4);
  TAKES(27, BRACES_16, BRACES_8, {}, {}, {});
  TAKES(26, BRACES_16, BRACES_8, {}, {});
  TAKES(25, BRACES_16, BRACES_8, {});
  TAKES(24, BRACES_16, BRACES_8);
  TAKES(23, BRACES_16, BRACES_4, {}, {}, {});
  TAKES(22, BRACES_16, BRACES_4, {}, {});
  TAKES(21, BRACES_16, BRACES_4, {});
  TAKES(20, BRACES_16, BRACES_4);
  TAKES(19, BRACES_16, {}, {}, {});
  TAKES(18, BRACES_16, {}, {});
  TAKES(17, BRACES_16, {});
  TAKES(16, BRACES_16);
  TAKES(15, BRACES_8, BRACES_4, {}, {}, {});
  TAKES(14, BRACES_8, BRACES_4, {}, {});
  TAKES(13, BRACES_8, BRACES_4, {});
  TAKES(12, BRACES_8, BRACES_4);
  TAKES(11, BRACES_8, {}, {}, {});
  TAKES(10, BRACES_8, {}, {});
  TAKES(9, BRACES_8, {});
  TAKES(8, BRACES_8);
  TAKES(7, BRACES_4, {}, {}, {});
  TAKES(6, BRACES_4, {}, {});
  TAKES(5, BRACES_4, {});
  TAKES(4, BRACES_4);
  TAKES(3, {}, {}, {});
  TAKES(2, {}, {});
  return 1;
}

template <class T>
constexpr std::size_t fields_of() {
  return std::tuple_size_v<decltype(T::fields(std::declval<T&>()))>;
}

// --- Values in which every field differs from its default ---------------------------------------

class Filler {
 public:
  void fill(bool& value) { value = !value; }
  void fill(std::string& text) { text = "text " + std::to_string(++counter_); }
  void fill(Seq& seq) { seq = {++counter_}; }
  void fill(Hash& hash) { hash = {++counter_ << 40}; }
  void fill(Time& time) { time = Time(Millis(++counter_)); }
  void fill(Millis& duration) { duration = Millis(-static_cast<std::int64_t>(++counter_)); }
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(static_cast<int>(value) + 1);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(++counter_ % 100 + 1);
    } else {
      std::apply([this](auto&... field) { (fill(field), ...); }, T::fields(value));
    }
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    for (int i = 0; i < 2; ++i) fill(values.emplace_back());
  }
  template <class T>
  void fill(std::set<T>& values) {
    for (int i = 0; i < 2; ++i) {
      T value{};
      fill(value);
      values.insert(value);
    }
  }
  template <class K, class V>
  void fill(std::map<K, V>& values) {
    for (int i = 0; i < 2; ++i) {
      K key{};
      fill(key);
      fill(values[key]);
    }
  }
  template <class A, class B>
  void fill(std::pair<A, B>& value) {
    fill(value.first);
    fill(value.second);
  }

 private:
  std::uint64_t counter_ = 0;
};

template <class T>
void expect_each_field_to_count() {
  const std::string plain = pack(T{});
  std::size_t index = 0;
  T whole{};
  std::apply(
      [&](auto&... field) {
        const auto one = [&](auto& of_whole) {
          using Field = std::remove_reference_t<decltype(of_whole)>;
          const Field before = of_whole;
          Filler filler;
          filler.fill(of_whole);
          EXPECT_NE(pack(whole), plain) << "field " << index;
          of_whole = before;
          ++index;
        };
        (one(field), ...);
      },
      T::fields(whole));
}

template <class T>
class Packed : public ::testing::Test {};

using Structs =
    ::testing::Types<ObjectName, Owner, Meta, Condition, ServeConfig, DeploymentView, AppView,
                     ClusterView, RayServiceStatus, Invalid, RayServiceSlice, WorkerGroup,
                     DesiredResources, HeadView, RayClusterStatus, RayClusterSlice, PodSlice,
                     ServicePort, ServiceSlice, EndpointsSlice, AccessSlice, JobSlice, IngressSlice,
                     IncrementalOptions, GatewayListener, GatewaySlice, RouteBackend, RouteSlice,
                     Share, DeploymentAnswer, AppAnswer, ServeAnswer, ProbeAnswer, RuleRevision,
                     Options, Template, Known<ServeAnswer>, IllClock, Dashboard, Proxy,
                     ConfigRecord, StatusBelief<RayServiceStatus>, Cluster, InFlight, Retry,
                     Tombstone, ServiceMemory, Partition, KindView, FleetDashboard, WantedProbe>;
TYPED_TEST_SUITE(Packed, Structs);

TYPED_TEST(Packed, FieldsNamesEveryMember) {
  EXPECT_EQ(fields_of<TypeParam>(), members_of<TypeParam>());
}

TYPED_TEST(Packed, ComesBackAsItWas) {
  TypeParam value{};
  Filler filler;
  filler.fill(value);
  const std::string bytes = pack(value);
  TypeParam copy{};
  ASSERT_TRUE(unpack(bytes, copy));
  EXPECT_EQ(pack(copy), bytes);
  EXPECT_NE(bytes, pack(TypeParam{}));
}

TYPED_TEST(Packed, EachFieldCounts) { expect_each_field_to_count<TypeParam>(); }

// Not one byte less, and not one more.
TYPED_TEST(Packed, CutOrLengthenedBytesAreRefused) {
  TypeParam value{};
  Filler filler;
  filler.fill(value);
  const std::string bytes = pack(value);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    TypeParam copy{};
    EXPECT_FALSE(unpack(std::string_view(bytes).substr(0, size), copy)) << size;
  }
  TypeParam copy{};
  EXPECT_FALSE(unpack(bytes + '\0', copy));
}

TEST(Archive, NumbersComeBackAtTheirLimits) {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    std::int64_t copy = 7;
    ASSERT_TRUE(unpack(pack(number), copy));
    EXPECT_EQ(copy, number);
  }
  std::uint64_t copy = 0;
  ASSERT_TRUE(unpack(pack(std::numeric_limits<std::uint64_t>::max()), copy));
  EXPECT_EQ(copy, std::numeric_limits<std::uint64_t>::max());
}

TEST(Archive, AVariantComesBackWithItsAlternative) {
  const Object object = PodSlice{};
  Object copy = RayServiceSlice{};
  ASSERT_TRUE(unpack(pack(object), copy));
  EXPECT_TRUE(std::holds_alternative<PodSlice>(copy));
}

TEST(Archive, ACountThatCannotBeDoesNotAllocate) {
  const std::string bytes = pack(std::uint64_t{1} << 60);
  std::vector<std::string> values;
  EXPECT_FALSE(unpack(bytes, values));
  EXPECT_TRUE(values.empty());
}

}  // namespace
}  // namespace raycord

// Samples of everything the log holds: each fact, object and effect with all fields set. A new
// field or alternative does not compile, or does not come back, until the codec knows it.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/frame.h"

namespace raycord::test {

// Structs without fields() of their own. A binding with too few names does not compile.
inline auto parts(Started& it) {
  auto& [a, b, c, d, e] = it;
  return std::tie(a, b, c, d, e);
}
inline auto parts(Gap& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(LeadershipGained& it) {
  auto& [a] = it;
  return std::tie(a);
}
inline auto parts(LeadershipLost& it) {
  auto& [a] = it;
  return std::tie(a);
}
inline auto parts(ObjectSeen& it) {
  auto& [a] = it;
  return std::tie(a);
}
inline auto parts(ObjectGone& it) {
  auto& [a, b, c, d] = it;
  return std::tie(a, b, c, d);
}
inline auto parts(KindListed& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(KindCaughtUp& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(LeftScope& it) {
  auto& [a, b] = it;
  return std::tie(a, b);
}
inline auto parts(WorldRestored& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(ProbeRun& it) {
  auto& [a, b, c, d, e, f, g, h, i, j, k] = it;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k);
}
inline auto parts(DeadlineFired&) { return std::tuple<>(); }
inline auto parts(WriteDone& it) {
  auto& [a, b, c, d, e, f, g] = it;
  return std::tie(a, b, c, d, e, f, g);
}
inline auto parts(Unreadable& it) {
  auto& [a, b, c, d] = it;
  return std::tie(a, b, c, d);
}
inline auto parts(PartitionName& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(Quarantined& it) {
  auto& [a, b, c] = it;
  return std::tie(a, b, c);
}
inline auto parts(FleetHoldChanged& it) {
  auto& [a, b] = it;
  return std::tie(a, b);
}
inline auto parts(CreateCluster& it) {
  auto& [a, b, c, d, e, f, g, h] = it;
  return std::tie(a, b, c, d, e, f, g, h);
}
inline auto parts(UpdateClusterGroups& it) {
  auto& [a, b, c, d, e, f, g] = it;
  return std::tie(a, b, c, d, e, f, g);
}
inline auto parts(CreatePod& it) {
  auto& [a, b, c, d, e, f, g, h] = it;
  return std::tie(a, b, c, d, e, f, g, h);
}
inline auto parts(CreateService& it) {
  auto& [a, b, c, d, e, f] = it;
  return std::tie(a, b, c, d, e, f);
}
inline auto parts(SwitchService& it) {
  auto& [a, b, c, d, e, f, g, h, i] = it;
  return std::tie(a, b, c, d, e, f, g, h, i);
}
inline auto parts(CreateDependent& it) {
  auto& [a, b, c, d] = it;
  return std::tie(a, b, c, d);
}
inline auto parts(DeleteObject& it) {
  auto& [a, b] = it;
  return std::tie(a, b);
}
inline auto parts(SetFinalizer& it) {
  auto& [a, b, c, d, e, f, g] = it;
  return std::tie(a, b, c, d, e, f, g);
}
inline auto parts(LabelPod& it) {
  auto& [a, b, c, d] = it;
  return std::tie(a, b, c, d);
}
inline auto parts(UpdateIngress& it) {
  auto& [a, b, c, d, e, f] = it;
  return std::tie(a, b, c, d, e, f);
}
inline auto parts(StampHead& it) {
  auto& [a, b, c, d] = it;
  return std::tie(a, b, c, d);
}
inline auto parts(RememberOnService& it) {
  auto& [a, b, c, d, e, f] = it;
  return std::tie(a, b, c, d, e, f);
}
inline auto parts(RememberOnCluster& it) {
  auto& [a, b, c, d, e] = it;
  return std::tie(a, b, c, d, e);
}
inline auto parts(PutServeConfig& it) {
  auto& [a, b, c, d, e, f, g, h, i, j] = it;
  return std::tie(a, b, c, d, e, f, g, h, i, j);
}
inline auto parts(WriteRouting& it) {
  auto& [a, b, c, d, e, f, g, h] = it;
  return std::tie(a, b, c, d, e, f, g, h);
}
inline auto parts(WriteServiceStatus& it) {
  auto& [a, b, c, d, e, f, g, h] = it;
  return std::tie(a, b, c, d, e, f, g, h);
}
inline auto parts(WriteClusterStatus& it) {
  auto& [a, b, c, d, e, f] = it;
  return std::tie(a, b, c, d, e, f);
}
template <class T>
auto parts(T& it) -> decltype(T::fields(it)) {
  return T::fields(it);
}

// Gives every field a value of its own that is not its default.
class Filler {
 public:
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(2);  // All enums of the log have a value 2, and none by default.
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(number());
    } else {
      std::apply([this](auto&... part) { (fill(part), ...); }, parts(value));
    }
  }
  void fill(std::string& text) { text = "text-" + std::to_string(number()); }
  void fill(Hash& hash) { hash.value = 0x9e3779b97f4a7c15ULL * number(); }
  void fill(Seq& seq) { seq.value = number(); }
  void fill(Time& time) { time = Time{Millis{1795457133042 + static_cast<long>(number())}}; }
  void fill(Millis& millis) { millis = Millis{static_cast<long>(number())}; }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(std::map<std::string, T>& values) {
    for (int i = 0; i < 2; ++i) fill(values["key-" + std::to_string(number())]);
  }
  template <class... Ts>
  void fill(std::variant<Ts...>& value) {
    std::visit([this](auto& alternative) { fill(alternative); }, value);
  }

 private:
  std::uint64_t number() { return next_++; }

  std::uint64_t next_ = 3;
};

// Calls visit(T{}) for each alternative of a variant.
template <class... Ts, class Visit>
void for_each_alternative(const std::variant<Ts...>&, Visit visit) {
  (visit(Ts{}), ...);
}

}  // namespace raycord::test

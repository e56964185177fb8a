// Packs structs with `fields()` into canonical bytes and back: digests and checkpoints of the
// state.
//
//   std::string bytes = pack(partition);
//   Partition copy;
//   if (!unpack(bytes, copy)) …  // damaged, or another layout
//
// Not a log format: a change of any struct changes the layout (kStateLayout). Equal values give
// equal bytes on every machine: integers as varints, containers in their own (sorted) order.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/time.h"

namespace raycord {

class Packer {
 public:
  std::string take() { return std::move(bytes_); }

  void add(const std::string& text) {
    add_number(text.size());
    bytes_ += text;
  }
  void add(bool value) { bytes_ += value ? '\1' : '\0'; }
  void add(Seq seq) { add_number(seq.value); }
  void add(Hash hash) { add_number(hash.value); }
  void add(Time time) { add(time.time_since_epoch().count()); }
  void add(Millis duration) { add(duration.count()); }

  template <class T>
  void add(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      add_number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      const auto wide = static_cast<std::int64_t>(value);
      add_number((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    } else if constexpr (std::is_integral_v<T>) {
      add_number(value);
    } else {
      std::apply([this](const auto&... field) { (add(field), ...); }, T::fields(value));
    }
  }
  template <class T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add_all(values);
  }
  template <class T>
  void add(const std::set<T>& values) {
    add_all(values);
  }
  template <class K, class V, class Less>
  void add(const std::map<K, V, Less>& values) {
    add_all(values);
  }
  template <class A, class B>
  void add(const std::pair<A, B>& value) {
    add(value.first);
    add(value.second);
  }
  template <class... Ts>
  void add(const std::variant<Ts...>& value) {
    add_number(value.index());
    std::visit([this](const auto& alternative) { add(alternative); }, value);
  }

 private:
  template <class C>
  void add_all(const C& values) {
    add_number(values.size());
    for (const auto& value : values) add(value);
  }
  void add_number(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

// Reads what Packer wrote; after damage every get() leaves defaults and ok() is false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

  void get(std::string& text) {
    const std::uint64_t size = get_number();
    if (size > rest_.size()) return stop();
    text.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  void get(bool& value) { value = get_number() != 0; }
  void get(Seq& seq) { seq.value = get_number(); }
  void get(Hash& hash) { hash.value = get_number(); }
  void get(Time& time) {
    std::int64_t count = 0;
    get(count);
    time = Time(Millis(count));
  }
  void get(Millis& duration) {
    std::int64_t count = 0;
    get(count);
    duration = Millis(count);
  }

  template <class T>
  void get(T& value) {
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      const std::uint64_t coded = get_number();
      value = static_cast<T>(static_cast<std::int64_t>(coded >> 1) ^
                             -static_cast<std::int64_t>(coded & 1));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      value = static_cast<T>(get_number());
    } else {
      std::apply([this](auto&... field) { (get(field), ...); }, T::fields(value));
    }
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    value.reset();
    if (present) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.clear();
    for (std::uint64_t left = get_count(); left > 0 && ok_; --left) get(values.emplace_back());
  }
  template <class T>
  void get(std::set<T>& values) {
    values.clear();
    for (std::uint64_t left = get_count(); left > 0 && ok_; --left) {
      T value{};
      get(value);
      values.insert(values.end(), std::move(value));
    }
  }
  template <class K, class V, class Less>
  void get(std::map<K, V, Less>& values) {
    values.clear();
    for (std::uint64_t left = get_count(); left > 0 && ok_; --left) {
      K key{};
      get(key);
      get(values[std::move(key)]);
    }
  }
  template <class A, class B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <class... Ts>
  void get(std::variant<Ts...>& value) {
    const std::uint64_t index = get_number();
    if (index >= sizeof...(Ts)) return stop();
    get_alternative(value, index, std::index_sequence_for<Ts...>());
  }

 private:
  template <class V, std::size_t... I>
  void get_alternative(V& value, std::uint64_t index, std::index_sequence<I...>) {
    ((I == index ? get(value.template emplace<I>()) : void()), ...);
  }
  // A count can't be larger than the bytes that are left: damage must not allocate.
  std::uint64_t get_count() {
    const std::uint64_t count = get_number();
    if (count > rest_.size()) stop();
    return ok_ ? count : 0;
  }
  std::uint64_t get_number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    stop();
    return 0;
  }
  void stop() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

template <class T>
std::string pack(const T& value) {
  Packer packer;
  packer.add(value);
  return packer.take();
}

template <class T>
bool unpack(std::string_view bytes, T& value) {
  Unpacker unpacker(bytes);
  unpacker.get(value);
  return unpacker.at_end();
}

}  // namespace raycord

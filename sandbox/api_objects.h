// The store of the embedded API server: objects with one resourceVersion counter for all kinds, as
// in etcd, and a bounded history of changes that feeds watches and restores.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/api_kinds.h"
#include "sandbox/json.h"

namespace raycord {

// One version of one object; never changed, so lists, watches and history share it.
struct ApiObject {
  const ApiKind* kind = nullptr;
  Json body;  // In the stored version, with metadata.resourceVersion.
  std::uint64_t version = 0;
  std::string name_space;  // Empty for cluster-scoped kinds.
  std::string name;
  std::string uid;

  std::string key() const { return name_space + "/" + name; }
  bool deleting() const { return look(body, {"metadata", "deletionTimestamp"}) != nullptr; }

  // The object as JSON text, kept after the first call.
  const std::string& text() const;
  // As text() but, as in lists of built-in kinds, without apiVersion and kind.
  const std::string& item_text() const;

 private:
  mutable std::string text_;
  mutable std::string item_text_;
};
using ApiObjectPtr = std::shared_ptr<const ApiObject>;

enum class ApiChangeType : std::uint8_t { Added, Modified, Deleted };

struct ApiChange {
  ApiChangeType type = ApiChangeType::Added;
  std::uint64_t version = 0;
  ApiObjectPtr before;  // Null when added.
  ApiObjectPtr after;   // Deleted: the last state, carrying the version of the deletion.

  const ApiObject& object() const { return *after; }
};

class ApiStore {
 public:
  using Objects = std::map<std::string, ApiObjectPtr>;  // By "namespace/name", as etcd orders them.
  using Observer = std::function<void(const ApiChange&)>;

  explicit ApiStore(std::size_t history_limit) : history_limit_(history_limit) {}

  ApiObjectPtr find(ApiKindId kind, std::string_view name_space, std::string_view name) const;
  ApiObjectPtr find_uid(std::string_view uid) const;
  const Objects& all(ApiKindId kind) const { return objects_[index_of(kind)]; }
  // Those of one namespace: [first, second).
  std::pair<Objects::const_iterator, Objects::const_iterator> range(
      ApiKindId kind, std::string_view name_space) const;

  // Creates or replaces the object named in `body`, as the next version.
  ApiObjectPtr put(ApiKindId kind, Json body);
  void erase(const ApiObject& object);

  std::uint64_t version() const { return version_; }
  const std::deque<ApiChange>& history(ApiKindId kind) const { return history_[index_of(kind)]; }
  // Changes up to this version may be forgotten.
  std::uint64_t forgotten(ApiKindId kind) const { return forgotten_[index_of(kind)]; }
  void forget_history();

  // What `kind` looked like at a version; false when history no longer reaches it.
  bool objects_at(ApiKindId kind, std::uint64_t version, Objects& objects) const;

  // The world goes back in time, as after an etcd restore: later changes never happened, and their
  // versions will be given out again. False when history no longer reaches there.
  bool restore(std::uint64_t version);

  // Told of each change after it happened, in order of subscription. Not told of a restore.
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

 private:
  static std::size_t index_of(ApiKindId kind) { return static_cast<std::size_t>(kind); }
  void record(ApiChange change);

  std::size_t history_limit_;
  std::uint64_t version_ = kFirstVersion;
  std::array<Objects, kApiKindCount> objects_;
  std::array<std::deque<ApiChange>, kApiKindCount> history_;
  std::array<std::uint64_t, kApiKindCount> forgotten_{};
  std::map<std::string, ApiObjectPtr, std::less<>> by_uid_;
  std::vector<Observer> observers_;

  static constexpr std::uint64_t kFirstVersion = 100;  // A fresh cluster has some history, too.
};

}  // namespace raycord

// The partitions of a state, by name: a map whose values nobody looks at may rest as packed bytes.
//
//   partitions.keep_open(64);            // An operator of a large fleet; all stay open otherwise.
//   for (const auto& [name, partition] : partitions) …
//   if (auto found = partitions.find(name); found != partitions.end()) use(found->second);
//   partitions.rest();                   // Between two turns: no reference is held.
//
// A believed service takes 30 KB as maps and strings and a fifth of that packed, and most of a
// fleet is quiet most of the time. Packing is exact (core/archive.h), so resting decides nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace raycord {

struct Partition;

class Partitions {
  struct Slot {
    Slot();
    ~Slot();
    Slot(const Slot& other);
    Slot(Slot&&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;

    mutable std::unique_ptr<Partition> partition;  // Or none, and `packed`.
    mutable std::string packed;
    mutable std::uint64_t used = 0;      // Of `uses_`.
    mutable std::size_t open_index = 0;  // In `open_`, while it is open.
  };
  using Map = std::map<PartitionName, Slot>;

 public:
  template <class Value, class MapIterator>
  class Iterator;
  using iterator = Iterator<Partition, Map::iterator>;
  using const_iterator = Iterator<const Partition, Map::const_iterator>;

  Partitions();
  ~Partitions();
  Partitions(const Partitions& other);
  Partitions(Partitions&& other) noexcept;
  Partitions& operator=(const Partitions& other);
  Partitions& operator=(Partitions&& other) noexcept;

  bool empty() const;
  std::size_t size() const;
  std::size_t count(const PartitionName& name) const;
  void add_names(std::set<PartitionName>& into) const;

  // What is found stays valid until rest() or erase(). A walk over a const container reads what
  // rests into the iterator: such a reference is good until the iterator moves.
  iterator begin();
  iterator end();
  const_iterator begin() const;
  const_iterator end() const;
  iterator find(const PartitionName& name);
  const_iterator find(const PartitionName& name) const;
  Partition& at(const PartitionName& name);
  const Partition& at(const PartitionName& name) const;
  Partition& operator[](const PartitionName& name);
  std::pair<iterator, bool> try_emplace(const PartitionName& name);
  std::pair<iterator, bool> emplace(const PartitionName& name, Partition partition);
  std::size_t erase(const PartitionName& name);

  // pack() of one that is there, without opening it.
  std::string packed(const PartitionName& name) const;

  void keep_open(std::size_t most) { keep_open_ = most; }
  std::size_t open() const { return open_.size(); }
  // Packs those not used for longest, down to keep_open(), once twice as many are open.
  void rest();

 private:
  Partition& open(const Slot& slot) const;
  void close(const Slot& slot) const;
  void note_open() const;

  Map slots_;
  // A cache of what the slots mean, as is what they hold: looking changes neither.
  mutable std::vector<const Slot*> open_;
  mutable std::uint64_t uses_ = 0;
  std::size_t keep_open_ = SIZE_MAX;
};

template <class Value, class MapIterator>
class Partitions::Iterator {
 public:
  struct Entry {
    const PartitionName& first;
    Value& second;
    const Entry* operator->() const { return this; }
  };
  using iterator_category = std::input_iterator_tag;
  using value_type = Entry;
  using difference_type = std::ptrdiff_t;
  using pointer = Entry;
  using reference = Entry;

  Entry operator*() const { return {at_->first, value()}; }
  Entry operator->() const { return **this; }
  Iterator& operator++() {
    ++at_;
    visited_.reset();
    return *this;
  }
  bool operator==(const Iterator& other) const { return at_ == other.at_; }

 private:
  friend class Partitions;
  enum class For { Use, Visit };
  Iterator(const Partitions* owner, MapIterator at, For purpose)
      : owner_(owner), at_(at), purpose_(purpose) {}

  Value& value() const;

  const Partitions* owner_;
  MapIterator at_;
  For purpose_;
  mutable std::shared_ptr<Partition> visited_;
};

}  // namespace raycord

#include "core/partitions.h"

#include <algorithm>

#include "core/archive.h"
#include "core/check.h"
#include "core/state.h"

namespace raycord {
namespace {

std::unique_ptr<Partition> unpacked(const std::string& bytes) {
  auto partition = std::make_unique<Partition>();
  CHECK(unpack(bytes, *partition));  // We packed it ourselves.
  return partition;
}

}  // namespace

Partitions::Slot::Slot() = default;
Partitions::Slot::~Slot() = default;
Partitions::Slot::Slot(const Slot& other)
    : partition(other.partition ? std::make_unique<Partition>(*other.partition) : nullptr),
      packed(other.packed),
      used(other.used) {}

Partitions::Partitions() = default;
Partitions::~Partitions() = default;
Partitions::Partitions(Partitions&& other) noexcept = default;
Partitions& Partitions::operator=(Partitions&& other) noexcept = default;

Partitions::Partitions(const Partitions& other)
    : slots_(other.slots_), uses_(other.uses_), keep_open_(other.keep_open_) {
  note_open();
}

Partitions& Partitions::operator=(const Partitions& other) {
  if (this != &other) *this = Partitions(other);
  return *this;
}

void Partitions::note_open() const {
  for (const auto& [name, slot] : slots_) {
    if (!slot.partition) continue;
    slot.open_index = open_.size();
    open_.push_back(&slot);
  }
}

bool Partitions::empty() const { return slots_.empty(); }
std::size_t Partitions::size() const { return slots_.size(); }
std::size_t Partitions::count(const PartitionName& name) const { return slots_.count(name); }

void Partitions::add_names(std::set<PartitionName>& into) const {
  for (const auto& [name, slot] : slots_) into.insert(into.end(), name);
}

Partition& Partitions::open(const Slot& slot) const {
  slot.used = ++uses_;
  if (slot.partition) return *slot.partition;
  slot.partition = unpacked(slot.packed);
  slot.packed = std::string();
  slot.open_index = open_.size();
  open_.push_back(&slot);
  return *slot.partition;
}

void Partitions::close(const Slot& slot) const {
  open_.back()->open_index = slot.open_index;
  open_[slot.open_index] = open_.back();
  open_.pop_back();
}

Partitions::iterator Partitions::begin() { return {this, slots_.begin(), iterator::For::Use}; }
Partitions::iterator Partitions::end() { return {this, slots_.end(), iterator::For::Use}; }
Partitions::const_iterator Partitions::begin() const {
  return {this, slots_.begin(), const_iterator::For::Visit};
}
Partitions::const_iterator Partitions::end() const {
  return {this, slots_.end(), const_iterator::For::Visit};
}
Partitions::iterator Partitions::find(const PartitionName& name) {
  return {this, slots_.find(name), iterator::For::Use};
}
Partitions::const_iterator Partitions::find(const PartitionName& name) const {
  return {this, slots_.find(name), const_iterator::For::Use};
}

Partition& Partitions::at(const PartitionName& name) { return open(slots_.at(name)); }
const Partition& Partitions::at(const PartitionName& name) const { return open(slots_.at(name)); }
Partition& Partitions::operator[](const PartitionName& name) {
  return try_emplace(name).first->second;
}

std::pair<Partitions::iterator, bool> Partitions::try_emplace(const PartitionName& name) {
  const auto [at, is_new] = slots_.try_emplace(name);
  if (is_new) {
    at->second.partition = std::make_unique<Partition>();
    at->second.open_index = open_.size();
    open_.push_back(&at->second);
  }
  return {iterator(this, at, iterator::For::Use), is_new};
}

std::pair<Partitions::iterator, bool> Partitions::emplace(const PartitionName& name,
                                                          Partition partition) {
  const auto made = try_emplace(name);
  if (made.second) made.first->second = std::move(partition);
  return made;
}

std::size_t Partitions::erase(const PartitionName& name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return 0;
  if (found->second.partition) close(found->second);
  slots_.erase(found);
  return 1;
}

std::string Partitions::packed(const PartitionName& name) const {
  const Slot& slot = slots_.at(name);
  return slot.partition ? pack(*slot.partition) : slot.packed;
}

void Partitions::rest() {
  if (open_.size() / 2 < keep_open_ || open_.size() <= keep_open_) return;
  std::vector<const Slot*> oldest = open_;
  std::sort(oldest.begin(), oldest.end(),
            [](const Slot* a, const Slot* b) { return a->used < b->used; });
  oldest.resize(oldest.size() - keep_open_);
  for (const Slot* slot : oldest) {
    slot->packed = pack(*slot->partition);
    slot->packed.shrink_to_fit();
    slot->partition.reset();
    close(*slot);
  }
}

template <class Value, class MapIterator>
Value& Partitions::Iterator<Value, MapIterator>::value() const {
  const Slot& slot = at_->second;
  if (purpose_ == For::Use) return owner_->open(slot);
  if (slot.partition) return *slot.partition;
  if (!visited_) visited_ = unpacked(slot.packed);
  return *visited_;
}

template class Partitions::Iterator<Partition, Partitions::Map::iterator>;
template class Partitions::Iterator<const Partition, Partitions::Map::const_iterator>;

}  // namespace raycord

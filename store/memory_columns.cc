#include "store/memory_columns.h"

#include <iterator>
#include <utility>

namespace raycord {
namespace {

// Steps by key, so that it stays right while others write.
class MemoryCursor : public Cursor {
 public:
  MemoryCursor(const MemoryColumns& columns, Column column) : columns_(columns), column_(column) {}

  void seek(std::string_view key) override { entry_ = columns_.first_from(column_, key); }
  void seek_at_or_before(std::string_view key) override {
    entry_ = columns_.last_until(column_, key);
  }
  void next() override { entry_ = columns_.first_after(column_, entry_->first); }
  void previous() override { entry_ = columns_.last_before(column_, entry_->first); }
  bool valid() const override { return entry_.has_value(); }
  std::string_view key() const override { return entry_->first; }
  std::string_view value() const override { return entry_->second; }
  Outcome status() const override { return Done{}; }

 private:
  const MemoryColumns& columns_;
  Column column_;
  std::optional<MemoryColumns::Entry> entry_;
};

}  // namespace

Result<std::optional<std::string>> MemoryColumns::get(Column column, std::string_view key) const {
  std::optional<Entry> entry = first_from(column, key);
  if (!entry || entry->first != key) return std::optional<std::string>();
  return std::optional<std::string>(std::move(entry->second));
}

std::unique_ptr<Cursor> MemoryColumns::cursor(Column column) const {
  return std::make_unique<MemoryCursor>(*this, column);
}

void MemoryColumns::put(const std::vector<Cell>& cells) {
  std::lock_guard lock(mutex_);
  for (const Cell& cell : cells) maps_[cell.column].insert_or_assign(cell.key, cell.value);
}

void MemoryColumns::remove(Column column, std::string_view key) {
  std::lock_guard lock(mutex_);
  Map& map = maps_[column];
  if (auto it = map.find(key); it != map.end()) map.erase(it);
}

std::optional<MemoryColumns::Entry> MemoryColumns::first_from(Column column,
                                                              std::string_view key) const {
  std::lock_guard lock(mutex_);
  auto map = maps_.find(column);
  if (map == maps_.end()) return std::nullopt;
  auto it = map->second.lower_bound(key);
  if (it == map->second.end()) return std::nullopt;
  return *it;
}

std::optional<MemoryColumns::Entry> MemoryColumns::first_after(Column column,
                                                               std::string_view key) const {
  std::string after(key);
  after += '\0';
  return first_from(column, after);
}

std::optional<MemoryColumns::Entry> MemoryColumns::last_until(Column column,
                                                              std::string_view key) const {
  std::lock_guard lock(mutex_);
  auto map = maps_.find(column);
  if (map == maps_.end()) return std::nullopt;
  auto it = map->second.upper_bound(key);
  if (it == map->second.begin()) return std::nullopt;
  return *std::prev(it);
}

std::optional<MemoryColumns::Entry> MemoryColumns::last_before(Column column,
                                                               std::string_view key) const {
  std::lock_guard lock(mutex_);
  auto map = maps_.find(column);
  if (map == maps_.end()) return std::nullopt;
  auto it = map->second.lower_bound(key);
  if (it == map->second.begin()) return std::nullopt;
  return *std::prev(it);
}

}  // namespace raycord

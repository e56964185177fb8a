// MemoryColumns keeps the columns of a log in sorted maps. For simulations and tests.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/columns.h"

namespace raycord {

class MemoryColumns : public Columns {
 public:
  Result<std::optional<std::string>> get(Column column, std::string_view key) const override;
  std::unique_ptr<Cursor> cursor(Column column) const override;

  void put(const std::vector<Cell>& cells);
  void remove(Column column, std::string_view key);

  // The nearest entry at or after `key`, after it, at or before it, before it.
  using Entry = std::pair<std::string, std::string>;
  std::optional<Entry> first_from(Column column, std::string_view key) const;
  std::optional<Entry> first_after(Column column, std::string_view key) const;
  std::optional<Entry> last_until(Column column, std::string_view key) const;
  std::optional<Entry> last_before(Column column, std::string_view key) const;

 private:
  using Map = std::map<std::string, std::string, std::less<>>;

  mutable std::mutex mutex_;
  std::map<Column, Map> maps_;
};

}  // namespace raycord

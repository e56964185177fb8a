// Columns are the sorted byte columns under a log: RocksDB column families, or maps in memory.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace raycord {

enum class Column : std::uint8_t { Frames, Raw, Index, Checkpoints, Meta };

inline constexpr Column kAllColumns[] = {Column::Frames, Column::Raw, Column::Index,
                                         Column::Checkpoints, Column::Meta};

const char* name_of(Column column);

struct Cell {
  Column column = Column::Frames;
  std::string key;
  std::string value;
};

// A place in one column, in key order. Short-lived: an open cursor keeps deleted files on disk.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(std::string_view key) = 0;               // To the first key >= `key`.
  virtual void seek_at_or_before(std::string_view key) = 0;  // To the last key <= `key`.
  virtual void next() = 0;
  virtual void previous() = 0;
  virtual bool valid() const = 0;  // False at the end, and on an error.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Outcome status() const = 0;  // Ask when valid() turned false.
};

class Columns {
 public:
  virtual ~Columns() = default;
  virtual Result<std::optional<std::string>> get(Column column, std::string_view key) const = 0;
  virtual std::unique_ptr<Cursor> cursor(Column column) const = 0;
};

}  // namespace raycord

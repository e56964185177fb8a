#include "store/columns.h"

namespace raycord {

const char* name_of(Column column) {
  switch (column) {
    case Column::Frames:
      return "frames";
    case Column::Raw:
      return "raw";
    case Column::Index:
      return "index";
    case Column::Checkpoints:
      return "checkpoints";
    case Column::Meta:
      return "meta";
  }
  return "?";
}

}  // namespace raycord

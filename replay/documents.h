// JSON or YAML for scripts: one list, or of what is followed, and so has no end, one document each.
// Only .cc files include this.

#pragma once

#include <ostream>

#include "replay/json.h"
#include "replay/session.h"

namespace raycord {

class Documents {
 public:
  Documents(std::ostream& out, Format format, bool follow)
      : out_(out), format_(format), follow_(follow) {}

  void add(JsonTree document);
  // Prints the list; nothing where tables are asked for.
  void finish() const;

 private:
  std::ostream& out_;
  Format format_;
  bool follow_;
  JsonTree list_ = JsonTree::array();
};

}  // namespace raycord

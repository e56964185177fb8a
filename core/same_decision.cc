// Equality of decisions as the log keeps them: without the text of statuses, which is a projection.

#include "core/turn.h"

namespace raycord {
namespace {

Effect as_logged(Effect effect) {
  if (auto* status = std::get_if<WriteServiceStatus>(&effect)) {
    status->status = {};
    status->active_cluster.reset();
    status->pending_cluster.reset();
  }
  if (auto* status = std::get_if<WriteClusterStatus>(&effect)) status->status = {};
  return effect;
}

}  // namespace

bool same_decision(const Decision& a, const Decision& b) {
  return a.seq == b.seq && a.rule == b.rule && a.revision == b.revision &&
         a.partition == b.partition && a.causes == b.causes &&
         as_logged(a.effect) == as_logged(b.effect);
}

}  // namespace raycord

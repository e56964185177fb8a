#include "core/ids.h"

raycord::Seq next(raycord::Seq seq) { return {seq.value + 1}; }

raycord::Seq caller(raycord::Hash hash) {
#ifdef MUST_NOT_COMPILE
  return next(hash);
#else
  return next(raycord::Seq{hash.value});
#endif
}

#include "core/result.h"

raycord::Outcome write_something();

void caller() {
#ifdef MUST_NOT_COMPILE
  write_something();
#else
  if (auto written = write_something(); !written) return;
#endif
}

// Each rule in a sentence, for people; docs/rules.md says more, and a test holds the two together.

#pragma once

#include "core/decision.h"

namespace raycord {

const char* sentence_of(Rule rule);

}  // namespace raycord

// The frames of a log as one partition saw them: what one root object's state folds from.

#pragma once

#include <cstdint>

#include "core/frame.h"
#include "core/ids.h"

namespace raycord {

// The same frame with the same numbers, in which other partitions' facts mean nothing and their
// decisions are absent. Facts for all partitions stay.
Frame frame_of_partition(const Frame& frame, const PartitionName& partition);

// The frame without the events behind `last`.
Frame frame_until(const Frame& frame, Seq last);

// Anything in it is about this partition, or about all.
bool concerns(const Frame& frame, const PartitionName& partition);

}  // namespace raycord

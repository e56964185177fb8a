// Bodies of the small writes: finalizer, label, what is remembered on objects, deletion.

#pragma once

#include <string>
#include <string_view>

#include "core/decision.h"
#include "core/result.h"

namespace raycord {

// A JSON patch. Other finalizers of `service_json` stay as they are; its own resourceVersion is the
// precondition, since the list was read from it.
Result<std::string> finalizer_patch(const SetFinalizer& effect, std::string_view service_json);

// Merge patches. Their UID guards against an object of the same name that was made meanwhile: the
// API server refuses to change one.
std::string label_patch(const LabelPod& effect);

// What the effect does not have (no back-off, no attempts, no hash) is removed from the object.
std::string annotation_patch(const RememberOnService& effect);
std::string annotation_patch(const RememberOnCluster& effect);

// DeleteOptions: only the object with this UID, its dependents in the background.
std::string delete_options(const std::string& uid);

}  // namespace raycord

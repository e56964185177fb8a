// Bodies of the small writes: finalizer, label, what is remembered on objects, deletion.

#pragma once

#include <string>
#include <string_view>

#include "core/decision.h"
#include "core/result.h"

namespace raycord {

// A JSON patch. Other finalizers of `owner_json` stay as they are. The precondition is the version
// that this list is true of: of a RayService the one it was read at, of a RayCluster, whose status
// we may have written since, the one we believe.
Result<std::string> finalizer_patch(const SetFinalizer& effect, std::string_view owner_json);

// Merge patches. Their UID guards against an object of the same name that was made meanwhile: the
// API server refuses to change one.
std::string label_patch(const LabelPod& effect);
std::string stamp_patch(const StampHead& effect, const std::string& version);

// What the effect does not have (no back-off, no attempts, no hash) is removed from the object.
std::string annotation_patch(const RememberOnService& effect);
std::string annotation_patch(const RememberOnCluster& effect);

// DeleteOptions: only the object with this UID, its dependents in the background.
std::string delete_options(const std::string& uid);

}  // namespace raycord

// The envelopes in which the API server sends objects: pages of a list, lines of a watch, Status.
//
// They are only opened here: objects come out as their JSON bytes, for slice_object() to read.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace raycord {

struct KubeListPage {
  std::uint64_t version = 0;  // metadata.resourceVersion; a list without a number is an error.
  std::string next_page;      // metadata.continue; empty on the last page.
  // JSON of each item. Items of built-in kinds come without apiVersion and kind; they are put in
  // front, so that the bytes say by themselves what they are.
  std::vector<std::string> items;
};
Result<KubeListPage> split_list(std::string_view json);

enum class WatchEventType : std::uint8_t { Added, Modified, Deleted, Bookmark, Error };

struct WatchEvent {
  WatchEventType type = WatchEventType::Added;
  std::string object;  // JSON; of an Error a Status.
};
Result<WatchEvent> split_watch_line(std::string_view line);

// What every object says of itself, whatever its kind.
struct ObjectHead {
  std::string kind;
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  bool has_ray_label = false;  // A label whose key starts with "ray.io/".
  bool has_ray_owner = false;  // A RayService or another kind of ray.io owns it.
  bool deleting = false;       // metadata.deletionTimestamp is set.
  bool has_finalizers = false;
};
Result<ObjectHead> read_object_head(std::string_view json);

// metav1.Status: the answer to what failed, and to a DELETE that removed the object.
struct KubeStatus {
  bool success = false;
  int code = 0;
  std::string reason;  // "AlreadyExists", "Conflict", …
  std::string message;
  std::string name;  // Of the object it is about, as details say; empty: of none.
  std::string uid;
  Millis retry_after{0};
};
// Nothing: it is no Status.
std::optional<KubeStatus> read_kube_status(std::string_view json);

}  // namespace raycord

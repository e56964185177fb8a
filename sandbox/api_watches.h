// The open watch streams of the embedded API server: each change goes, as one line of JSON, to
// those that asked for its kind.

#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/time.h"
#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_rendering.h"
#include "sandbox/api_selectors.h"

namespace raycord {

struct WatchRequest {
  const ApiKind* kind = nullptr;
  std::string name_space;  // Empty: all.
  std::string name;        // Empty: all.
  LabelSelector labels;
  FieldSelector fields;
  ApiRendering rendering;
  std::optional<std::uint64_t> from;  // Nothing: first everything there is, as ADDED.
  Millis timeout{0};
  bool bookmarks = false;
};

class ApiWatches {
 public:
  struct Chunk {
    std::uint64_t watch;
    std::string bytes;
    bool end;
  };

  ApiWatches(ApiStore& store, Agenda& agenda);

  // The caller has checked that history reaches `from`.
  std::uint64_t open(Time now, WatchRequest request);
  // A stream that consists of one ERROR event.
  std::uint64_t open_failed(const std::string& status);
  void close(std::uint64_t watch);  // By the client: nothing more is said.
  void drop_all();                  // By the server: the streams end.
  std::vector<Chunk> take_chunks();

  std::size_t count() const { return open_.size(); }

 private:
  struct Stream {
    WatchRequest request;
    std::string pending;
    bool chunk_due = false;
  };

  static bool selects(const WatchRequest& request, const ApiObject& object);
  void tell(std::uint64_t watch, Stream& stream, const ApiChange& change);
  void say(std::uint64_t watch, Stream& stream, const std::string& bytes);
  void bookmark(Time now, std::uint64_t watch);
  void end(std::uint64_t watch);

  ApiStore& store_;
  Agenda& agenda_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Stream> open_;
  std::array<std::set<std::uint64_t>, kApiKindCount> by_kind_;
  std::vector<std::uint64_t> due_;  // Streams with something to say, in order.
  std::vector<Chunk> ended_;        // Last words of streams that are closed already.
};

}  // namespace raycord

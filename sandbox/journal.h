// What clients asked the cluster to change, in order of arrival, and what Serve was seen to run:
// the other side of the story, to be compared with an operator's log.
//
// Kept only when asked for (SandboxOptions::journal), and bounded: `dropped` says how much is gone.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/json.h"
#include "sandbox/reply.h"

namespace raycord {

class SandboxJournal {
 public:
  // One request to the API server, also through its proxy, and what became of it.
  void note(Time now, const HttpRequest& request, const std::string& path,
            const SandboxReply& reply);

  // The next entries behind `seq`, a page of them:
  // {"last": N, "dropped": N, "entries": [{"seq", "t", "agent", "method", "path", "code", …}]}
  Json since(std::uint64_t seq) const;

 private:
  struct Entry {
    std::uint64_t seq = 0;
    Time at{};
    std::string agent;
    std::string method;
    std::string path;
    int code = 0;  // 0: not answered.
    std::string body;
    Json deployed;  // Of a GET of a Serve config.
  };

  void keep(Entry entry);

  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::string, Json> shown_;  // What the last GET of a Serve config showed, by its path.
};

}  // namespace raycord

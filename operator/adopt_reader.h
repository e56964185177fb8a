// ClusterReader looks at a cluster once, as the operator would at its start, and can do no more: it
// has nothing that could write.
//
//   ClusterReader reader({.namespaces = {}, .server = server}, api, transport);
//   reader.list(Kind::Pod);
//   reader.ask("/version", [](const HttpOutcome& outcome) { … });
//   while (!reader.done()) { transport.poll(…); reader.tick(clock.now()); }
//   if (reader.failure()) …
//
// Lists are made by the operator's own watchers, page by page; no watch is opened.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/read_only_transport.h"
#include "adapters/kube/kube_api.h"
#include "adapters/kube/kube_kind.h"
#include "core/observation.h"
#include "core/result.h"

namespace raycord {

class ClusterReader final : public HttpListener {
 public:
  using Then = std::function<void(const HttpOutcome&)>;
  using ThenItems = std::function<void(std::vector<std::string> items)>;
  using Otherwise = std::function<void(int status, const std::string& why)>;

  // `namespaces` empty: all of them.
  ClusterReader(std::vector<std::string> namespaces, const KubeApi& api, HttpTransport& transport);
  ~ClusterReader() override;
  ClusterReader(const ClusterReader&) = delete;
  ClusterReader& operator=(const ClusterReader&) = delete;

  // The whole kind, for take_observations(). It must be had: what keeps it away is the failure().
  void list(Kind kind);

  // One GET besides; `then` runs during the transport's poll and may ask for more.
  void ask(const std::string& path, Then then);
  // All objects of a collection, page by page; `query` narrows it, or is empty.
  void ask_all(const std::string& path, const std::string& query, ThenItems then,
               Otherwise otherwise);

  void tick(Time now);
  Time next_wake() const;
  // Nothing is under way, or it failed.
  bool done() const;
  // Why the cluster cannot be read.
  const std::optional<Error>& failure() const { return failure_; }

  std::vector<Observation> take_observations();

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  struct Listing {
    std::unique_ptr<KubeKind> kind;
    bool complete = false;
    std::optional<Time> trouble_since;
  };
  struct Pages {
    std::string path;
    std::string query;
    std::vector<std::string> items;
    ThenItems then;
    Otherwise otherwise;
  };

  void look_for_trouble(Listing& listing, Time now);
  void take_from(Listing& listing);
  void ask_page(std::shared_ptr<Pages> pages, const std::string& token);

  std::vector<std::string> namespaces_;
  const KubeApi& api_;
  ReadOnlyTransport transport_;
  Time now_{};
  std::vector<Listing> listings_;
  std::map<std::uint64_t, Then> asked_;
  std::vector<Observation> observations_;
  std::optional<Error> failure_;
};

}  // namespace raycord

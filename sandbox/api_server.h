// The verbs of the embedded API server on objects: get, list, watch, create, update, patch, delete.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_paths.h"
#include "sandbox/api_rendering.h"
#include "sandbox/api_status.h"
#include "sandbox/api_watches.h"
#include "sandbox/chance.h"
#include "sandbox/ip_pool.h"

namespace raycord {

class ApiServer {
 public:
  struct Settings {
    bool expired_watch_is_http = false;  // 410 as HTTP status, not as ERROR event.
  };
  struct WatchOpened {
    std::uint64_t watch;
  };
  using Answer = std::variant<HttpResponse, WatchOpened>;

  ApiServer(ApiStore& store, ApiWatches& watches, Chance& chance, IpPool service_ips,
            Settings settings)
      : store_(store),
        watches_(watches),
        chance_(chance),
        service_ips_(std::move(service_ips)),
        settings_(settings) {}

  Answer handle(Time now, const HttpRequest& request, const ApiPath& path, const ApiQuery& query);

  // For controllers: as a client's request would, without the wire.
  std::variant<ApiObjectPtr, ApiFailure> create(Time now, const ApiKind& kind, Json object);
  void remove(Time now, const ApiObject& object);  // In the background, at default grace.
  // The last step of a graceful deletion: the object goes unless finalizers hold it.
  void finish_removal(const ApiObject& object);
  // Writes the object as the next version, unless it is the same as the present one.
  ApiObjectPtr replace(const ApiObject& current, Json body);

  void expire_pages() { pages_.clear(); }

 private:
  struct Deletion {
    std::optional<std::int64_t> grace;
    std::string uid;  // Preconditions; empty: none.
    std::string version;
    std::string propagation;  // "", Background, Foreground, Orphan.
    bool dry_run = false;
  };
  struct Page {
    std::vector<ApiObjectPtr> items;
    std::uint64_t version = 0;
    Time until{};
  };
  using Prepared = std::variant<Json, ApiFailure>;

  Answer get(Time now, const HttpRequest& request, const ApiPath& path, const ApiQuery& query);
  HttpResponse list(Time now, const ApiPath& path, const ApiQuery& query,
                    const ApiRendering& rendering);
  HttpResponse next_page(Time now, const ApiPath& path, const ApiQuery& query,
                         const ApiRendering& rendering);
  HttpResponse page_response(Time now, const ApiPath& path, std::uint64_t id, std::size_t offset,
                             std::size_t limit, bool count, const ApiRendering& rendering);
  Answer watch(Time now, const ApiPath& path, const ApiQuery& query, const ApiRendering& rendering);
  std::optional<ApiFailure> select(const ApiPath& path, const ApiQuery& query,
                                   std::vector<ApiObjectPtr>& items, std::uint64_t& version) const;

  HttpResponse post(Time now, const HttpRequest& request, const ApiPath& path,
                    const ApiQuery& query);
  HttpResponse bind_pod(const ApiPath& path, const Json& binding);
  HttpResponse put(Time now, const HttpRequest& request, const ApiPath& path,
                   const ApiQuery& query);
  HttpResponse patch(Time now, const HttpRequest& request, const ApiPath& path,
                     const ApiQuery& query);
  HttpResponse remove_one(Time now, const HttpRequest& request, const ApiPath& path,
                          const ApiQuery& query);
  HttpResponse remove_many(Time now, const HttpRequest& request, const ApiPath& path,
                           const ApiQuery& query);

  Prepared prepare_new(Time now, const ApiKind& kind, Json sent);
  Prepared prepare_update(const ApiObject& current, Json sent, const std::string& subresource);
  std::optional<ApiFailure> check_namespace(const ApiKind& kind, const std::string& name) const;
  std::optional<ApiFailure> check_account(const ApiKind& kind, const Json& object) const;
  void assign_addresses(Json& service, const Json* before);
  ApiObjectPtr commit_update(const ApiObject& current, Json body);
  void begin_removal(Time now, const ApiObject& object, const Deletion& deletion);

  ApiStore& store_;
  ApiWatches& watches_;
  Chance& chance_;
  IpPool service_ips_;
  Settings settings_;
  std::int64_t next_node_port_ = 30000;
  std::map<std::uint64_t, Page> pages_;  // Lists in progress, by number.
  std::uint64_t last_page_ = 0;
};

}  // namespace raycord

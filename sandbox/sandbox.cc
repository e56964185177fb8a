#include "sandbox/sandbox.h"

#include <charconv>
#include <utility>

#include "core/check.h"
#include "sandbox/agenda.h"
#include "sandbox/api_discovery.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_paths.h"
#include "sandbox/api_server.h"
#include "sandbox/api_watches.h"
#include "sandbox/bootstrap.h"
#include "sandbox/chance.h"
#include "sandbox/endpoint_controller.h"
#include "sandbox/faults.h"
#include "sandbox/garbage_collector.h"
#include "sandbox/gateway_controller.h"
#include "sandbox/ip_pool.h"
#include "sandbox/job_controller.h"
#include "sandbox/journal.h"
#include "sandbox/kubelet.h"
#include "sandbox/pod_network.h"
#include "sandbox/ray_clusters.h"
#include "sandbox/ray_ports.h"

namespace raycord {
namespace {

IpPool pool_of(const std::string& range) {
  auto pool = IpPool::parse(range);
  CHECK(pool);
  return std::move(*pool);
}

// "http://10.64.0.7:8265/x" -> "10.64.0.7"; empty when the URL is a path.
std::string host_of(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return "";
  const auto end = url.find_first_of(":/?", scheme + 3);
  return url.substr(scheme + 3, end == std::string::npos ? end : end - scheme - 3);
}

}  // namespace

std::optional<Error> check_sandbox_options(const SandboxOptions& options) {
  for (const std::string& range : {options.pod_ips, options.service_ips}) {
    if (const auto pool = IpPool::parse(range); !pool) return pool.error();
  }
  for (const Millis delay : {options.pod_start, options.head_ready, options.worker_ready,
                             options.termination, options.head_restart, options.app_deploy,
                             options.app_update, options.app_delete, options.controllers}) {
    if (delay < Millis(0)) return Error{ErrorCode::InvalidInput, "a delay must not be negative"};
  }
  constexpr int kNodesMax = 250;  // Their addresses share one /24.
  if (options.nodes < 1 || options.nodes > kNodesMax) {
    return Error{ErrorCode::InvalidInput, "the number of nodes must be between 1 and 250"};
  }
  if (options.history < 1) {
    return Error{ErrorCode::InvalidInput, "history must be at least 1"};
  }
  return {};
}

class Sandbox::World {
 public:
  explicit World(const SandboxOptions& options)
      : chance_(options.seed),
        service_ips_(pool_of(options.service_ips)),
        store_(options.history),
        watches_(store_, agenda_),
        api_(store_, watches_, chance_, service_ips_, {options.expired_watch_is_http}),
        kubelet_(store_, api_, agenda_, clusters_, pool_of(options.pod_ips),
                 {options.pod_start, options.head_ready, options.worker_ready, options.termination,
                  options.head_restart},
                 {options.app_deploy, options.app_update, options.app_delete}, options.nodes),
        endpoints_(store_, api_, agenda_, options.controllers),
        garbage_(store_, api_, agenda_, options.controllers),
        jobs_(store_, api_, agenda_, options.pod_start + options.head_ready),
        gateways_(store_, api_, agenda_, options.controllers),
        ports_(kubelet_, clusters_),
        network_(store_, kubelet_, ports_),
        faults_(store_, api_, watches_, kubelet_, clusters_, gateways_, [this] { look_again(); }),
        keeps_journal_(options.journal) {
    agenda_.advance(options.start);
    fill_fresh_cluster(store_, chance_, options.start, options.nodes);
  }

  Reply handle(Time when, const HttpRequest& request) {
    agenda_.advance(when);
    const Time now = agenda_.now();
    const UrlParts url = split_url(request.url);
    if (is_direct(request.url)) return network_.direct(now, request, url.path);
    if (keeps_journal_ && url.path == "/sandbox/journal") return journal_since(url.query);
    if (url.path.starts_with("/sandbox/")) {
      return faults_.handle(now, request, url.path, url.query);
    }
    Reply reply = serve(now, request, url);
    if (keeps_journal_) journal_.note(now, request, url.path, reply);
    return reply;
  }

  void advance(Time now) { agenda_.advance(now); }
  std::optional<Time> next_change() const { return agenda_.next(); }
  ApiWatches& watches() { return watches_; }
  std::uint64_t version() const { return store_.version(); }
  std::uint64_t version_of(ApiKindId kind) const {
    const std::deque<ApiChange>& changes = store_.history(kind);
    return changes.empty() ? store_.forgotten(kind) : changes.back().version;
  }

 private:
  bool is_direct(const std::string& url) const {
    if (!url.starts_with("http://")) return false;
    const std::string host = host_of(url);
    return kubelet_.is_pod_address(host) || service_ips_.contains(host) || host.ends_with(".svc") ||
           host.find(".svc.") != std::string::npos;
  }

  Reply journal_since(const ApiQuery& query) const {
    const std::string since = query_value(query, "since");
    std::uint64_t seq = 0;
    std::from_chars(since.data(), since.data() + since.size(), seq);
    return json_response(200, journal_.since(seq));
  }

  Reply serve(Time now, const HttpRequest& request, const UrlParts& url) {
    if (auto spoiled = faults_.spoil(request, url.path)) return std::move(*spoiled);
    const Millis latency = faults_.latency(request, url.path);
    Reply reply = answer(now, request, url);
    agenda_.advance(now);  // What it caused at this very instant.
    HttpResponse* response = std::get_if<HttpResponse>(&reply);
    if (latency <= Millis(0) || response == nullptr) return reply;
    return Late{std::move(*response), latency};
  }

  Reply answer(Time now, const HttpRequest& request, const UrlParts& url) {
    if (auto known = answer_discovery(request, url.path)) return std::move(*known);
    auto parsed = parse_api_path(url.path);
    if (const auto* failure = std::get_if<ApiFailure>(&parsed)) return failure_response(*failure);
    const ApiPath& path = *std::get_if<ApiPath>(&parsed);
    if (faults_.lacks(*path.kind)) {
      return failure_response(
          {404, "NotFound", "the server could not find the requested resource", Json::object()});
    }
    const bool proxied = path.kind->id == ApiKindId::Pod || path.kind->id == ApiKindId::Service;
    if (proxied && path.subresource == "proxy") return network_.proxy(now, request, path);
    ApiServer::Answer answer = api_.handle(now, request, path, url.query);
    if (const auto* opened = std::get_if<ApiServer::WatchOpened>(&answer)) {
      return Opened{opened->watch};
    }
    HttpResponse response = std::move(*std::get_if<HttpResponse>(&answer));
    if (path.at.version == "v1alpha1") {
      response.headers.push_back({"warning", "299 - \"" + path.at.text() + " " + path.kind->kind +
                                                 " is deprecated; use " +
                                                 path.kind->served[0].text() + "\""});
    }
    return response;
  }

  void look_again() {
    garbage_.look_again();
    jobs_.look_again();
    gateways_.look_again();
    endpoints_.look_again();
    kubelet_.look_again();
  }

  Chance chance_;
  Agenda agenda_;
  IpPool service_ips_;
  ApiStore store_;
  RayClusters clusters_;
  ApiWatches watches_;
  ApiServer api_;
  Kubelet kubelet_;
  EndpointController endpoints_;
  GarbageCollector garbage_;
  JobController jobs_;
  GatewayController gateways_;
  RayPorts ports_;
  PodNetwork network_;
  SandboxFaults faults_;
  bool keeps_journal_;
  SandboxJournal journal_;
};

Sandbox::Sandbox(SandboxOptions options) {
  CHECK(!check_sandbox_options(options));
  world_ = std::make_unique<World>(options);
}

Sandbox::~Sandbox() = default;

Sandbox::Reply Sandbox::handle(Time now, const HttpRequest& request) {
  return world_->handle(now, request);
}

void Sandbox::advance(Time now) { world_->advance(now); }

std::optional<Time> Sandbox::next_change() const { return world_->next_change(); }

std::vector<Sandbox::Chunk> Sandbox::take_chunks() {
  std::vector<Chunk> chunks;
  for (ApiWatches::Chunk& chunk : world_->watches().take_chunks()) {
    chunks.push_back({chunk.watch, std::move(chunk.bytes), chunk.end});
  }
  return chunks;
}

void Sandbox::close_watch(std::uint64_t watch) { world_->watches().close(watch); }

std::uint64_t Sandbox::resource_version() const { return world_->version(); }

std::uint64_t Sandbox::version_of(ApiKindId kind) const { return world_->version_of(kind); }

}  // namespace raycord

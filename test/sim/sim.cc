#include "test/sim/sim.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/archive.h"
#include "core/check.h"
#include "core/turn.h"
#include "formats/manifest.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

// Stories begin on a Monday morning.
constexpr Time kSimStart{std::chrono::seconds(1'772'438'400)};

// Few, so that each restart of a story begins from a checkpoint.
constexpr std::uint64_t kEventsPerCheckpoint = 40;

// A checkpoint and the events after it make the same state as all events.
bool is_folded_alike(const FoldedLog& folded, const LogReader& log) {
  const auto whole = fold_log(log);
  CHECK(static_cast<bool>(whole));
  return pack(folded.state.fleet) == pack(whole->state.fleet) &&
         digest_of(folded.state) == digest_of(whole->state);
}

SandboxOptions sandbox_options(const SimOptions& options) {
  SandboxOptions sandbox = options.sandbox;
  sandbox.seed = options.seed;
  sandbox.start = kSimStart;
  return sandbox;
}

std::string collection_of(const Json& object) {
  static const std::vector<std::pair<std::string, std::string>> kPlural = {
      {"RayService", "rayservices"},
      {"RayCluster", "rayclusters"},
      {"Pod", "pods"},
      {"Service", "services"},
  };
  const std::string version = object.value("apiVersion", "v1");
  const std::string kind = object.value("kind", "");
  std::string path = version == "v1" ? "/api/v1" : "/apis/" + version;
  path += "/namespaces/" + object["metadata"].value("namespace", "default") + "/";
  for (const auto& [name, plural] : kPlural) {
    if (name == kind) return path + plural;
  }
  return path + kind;
}

}  // namespace

Started sim_started(const SimOptions& options, const std::string& log_id) {
  Started started;
  started.build = "sim";
  started.log_id = log_id;
  started.cluster_uid = "sim";
  for (const Rule rule : all_rules()) {
    started.revisions.push_back({static_cast<std::uint16_t>(rule), revision_of(rule)});
  }
  started.options = options.options;
  started.options.kubernetes_proxy = options.through_api_server;
  return started;
}

Sim::Sim(SimOptions options)
    : options_(std::move(options)),
      now_(kSimStart),
      sandbox_(sandbox_options(options_)),
      transport_(sandbox_, kSimStart) {
  lose_log();
  start();
}

Sim::~Sim() = default;

void Sim::lose_log() {
  MemoryEventLog::Options log;
  log.id.bytes[0] = static_cast<std::uint8_t>(options_.seed);
  log.id.bytes[1] = ++logs_;
  log.created = now_;
  log.cluster = "sim";
  log_ = std::make_unique<MemoryEventLog>(log);
}

void Sim::start() {
  auto folded = fold_log(log_->reader(), Checkpoints("sim", kEventsPerCheckpoint));
  CHECK(static_cast<bool>(folded));
  CHECK(is_folded_alike(*folded, log_->reader()));
  EngineOptions options;
  options.open_partitions = 0;  // What was packed decides as what was not.
  options.started = sim_started(options_, log_->reader().identity()->id.short_form());
  options.world.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
  options.world.log_id = options.started.log_id;
  options.new_token = [count = 0]() mutable { return "token-" + std::to_string(++count); };
  options.world.leadership.ns = "default";
  options.world.leadership.identity = "operator";
  options.world.namespaces = options_.options.namespaces;
  options.world.ray_through_api_server = options_.through_api_server;
  engine_ = std::make_unique<Engine>(options, *log_, transport_, std::move(*folded));
  engine_->loop().set_frame_listener([this](const Frame& frame, const State& state) {
    if (frame_listener_) frame_listener_(frame, state);
  });
  engine_->begin(now_);
}

void Sim::stop() {
  transport_.drop_all();
  engine_.reset();
}

void Sim::crash(std::size_t survivors) {
  stop();
  log_->crash(survivors);
  start();
}

Time Sim::next_time() const {
  Time next = Time::max();
  if (engine_) next = engine_->next_wake();
  if (const auto due = transport_.next()) next = std::min(next, *due);
  return std::max(next, now_);
}

void Sim::step() {
  transport_.advance(now_);
  if (engine_) engine_->step(now_);
  if (step_listener_) step_listener_();
}

void Sim::run_for(Millis duration) {
  run_until([] { return false; }, duration);
}

bool Sim::run_until(const std::function<bool()>& done, Millis limit) {
  const Time end = now_ + limit;
  // Some work is due at once, again and again; virtual time must go on all the same.
  while (!done()) {
    const Time next = next_time();
    if (next > end) {
      now_ = end;
      step();
      return done();
    }
    now_ = next > now_ ? next : now_ + Millis(1);
    step();
  }
  return true;
}

Outcome Sim::apply(const std::string& manifest) {
  auto documents = read_manifest(manifest);
  if (!documents) return fail(documents.error());
  for (const std::string& text : *documents) {
    Json object = Json::parse(text);
    const std::string collection = collection_of(object);
    const std::string path = collection + "/" + object["metadata"].value("name", "");
    HttpResponse response;
    if (request("GET", path).status == 404) {
      response = request("POST", collection, text);
    } else {
      response = request("PATCH", path, text, "application/merge-patch+json");
    }
    if (response.status >= 300) return fail(ErrorCode::InvalidInput, response.body);
  }
  return Done{};
}

HttpResponse Sim::request(const std::string& method, const std::string& path,
                          const std::string& body, const std::string& content_type) {
  HttpRequest request;
  request.method = method;
  request.url = path;
  request.body = body;
  const std::string type = content_type.empty() ? "application/json" : content_type;
  request.headers.push_back({"content-type", type});
  auto reply = sandbox_.handle(now_, request);
  if (auto* response = std::get_if<HttpResponse>(&reply)) return std::move(*response);
  HttpResponse none;
  none.status = 0;
  return none;
}

std::string Sim::ask(const std::string& service, const std::string& path, const std::string& body) {
  const std::string proxy = "/api/v1/namespaces/default/services/" + service + ":8000/proxy";
  const HttpResponse response = request("POST", proxy + path, body);
  if (response.status == 200) return response.body;
  return std::to_string(response.status) + " " + response.body;
}

std::vector<std::string> Sim::names(const std::string& collection) {
  std::vector<std::string> names;
  const HttpResponse response = request("GET", collection);
  if (response.status != 200) return names;
  const Json list = Json::parse(response.body);
  for (const Json& item : list["items"]) names.push_back(item["metadata"]["name"]);
  return names;
}

void Sim::fault(const std::string& path, const std::string& json) {
  const HttpResponse response = request("POST", "/sandbox/" + path, json);
  CHECK(response.status == 200);
}

const Partition* Sim::partition(const std::string& service) const {
  const auto found = state().partitions.find({Kind::RayService, "default", service});
  return found == state().partitions.end() ? nullptr : &found->second;
}

}  // namespace raycord

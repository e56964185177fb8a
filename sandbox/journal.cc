#include "sandbox/journal.h"

#include <utility>

namespace raycord {
namespace {

// A story of some minutes with a dozen services; a test that wants more reads more often.
constexpr std::size_t kEntriesKept = 100'000;
constexpr std::size_t kBytesKept = 128 * 1024 * 1024;
// The world stands still while a page is made: with bodies of some KB, a few MB.
constexpr std::size_t kPage = 500;

const HttpResponse* response_of(const SandboxReply& reply) {
  if (const auto* response = std::get_if<HttpResponse>(&reply)) return response;
  const auto* late = std::get_if<SandboxLate>(&reply);
  return late == nullptr ? nullptr : &late->response;
}

bool is_serve_config(const std::string& path) {
  return path.find("/proxy/api/serve/applications") != std::string::npos;
}

// The configs that Ray says it has, by application.
Json deployed_in(const std::string& answer) {
  Json deployed = Json::object();
  const auto body = parse_json(answer);
  if (!body) return deployed;
  for (const auto& [name, application] : object_at(*body, {"applications"}).items()) {
    const Json* config = look(application, {"deployed_app_config"});
    if (config != nullptr) deployed[name] = *config;
  }
  return deployed;
}

}  // namespace

void SandboxJournal::note(Time now, const HttpRequest& request, const std::string& path,
                          const SandboxReply& reply) {
  const HttpResponse* response = response_of(reply);
  Entry entry;
  entry.at = now;
  entry.agent = find_header(request.headers, "user-agent").value_or("");
  entry.method = request.method;
  entry.path = path;
  entry.code = response == nullptr ? 0 : response->status;
  entry.body = request.body;
  if (request.method == "GET") {
    // Only what it shows for the first time: probes go on all day.
    if (!is_serve_config(path) || entry.code != 200) return;
    entry.deployed = deployed_in(response->body);
    Json& before = shown_[path];
    if (before == entry.deployed) return;
    before = entry.deployed;
  } else if (is_serve_config(path)) {
    shown_.erase(path);  // Whatever a GET shows next is news.
  }
  keep(std::move(entry));
}

void SandboxJournal::keep(Entry entry) {
  entry.seq = ++last_;
  bytes_ += entry.body.size();
  entries_.push_back(std::move(entry));
  while (entries_.size() > kEntriesKept || bytes_ > kBytesKept) {
    bytes_ -= entries_.front().body.size();
    entries_.pop_front();
    ++dropped_;
  }
}

Json SandboxJournal::since(std::uint64_t seq) const {
  Json list = Json::array();
  for (const Entry& entry : entries_) {
    if (entry.seq <= seq) continue;
    if (list.size() == kPage) break;
    Json shown = {{"seq", entry.seq},     {"t", to_rfc3339_millis(entry.at)},
                  {"agent", entry.agent}, {"method", entry.method},
                  {"path", entry.path},   {"code", entry.code}};
    if (!entry.deployed.is_null()) shown["deployed"] = entry.deployed;
    if (!entry.body.empty()) {
      auto body = parse_json(entry.body);
      shown["body"] = body ? std::move(*body) : Json(entry.body);
    }
    list.push_back(std::move(shown));
  }
  return {{"last", last_}, {"dropped", dropped_}, {"entries", std::move(list)}};
}

}  // namespace raycord

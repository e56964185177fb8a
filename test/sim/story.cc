#include "test/sim/story.h"

#include <cctype>
#include <charconv>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/describe.h"
#include "sandbox/api_kinds.h"
#include "test/sim/sample.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

std::string rest_of(const std::string& text) {
  const auto space = text.find(' ');
  return space == std::string::npos ? "" : text.substr(space + 1);
}

// A member that may be absent or null.
Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? Json::object() : *found;
}

// "rayclusters/rc" to the path of that object in namespace default; a path stays what it is.
std::string path_of(const std::string& text) {
  if (text.starts_with("/")) return text;
  const std::string plural = text.substr(0, text.find('/'));
  for (const ApiKind& kind : api_kinds()) {
    if (kind.plural != plural) continue;
    const GroupVersion& at = kind.served[0];
    const std::string root = at.group.empty() ? "/api/" : "/apis/" + at.group + "/";
    return root + at.version + "/namespaces/default/" + text;
  }
  return "/" + text;
}

std::string since(Time start, Time now) {
  const long long millis = (now - start).count();
  std::string text = std::to_string(millis % 1000);
  text.insert(0, 3 - text.size(), '0');
  return "+" + std::to_string(millis / 1000) + "." + text + "s";
}

bool is_worth_telling(const Fact& fact) {
  if (const auto* done = std::get_if<WriteDone>(&fact)) return done->result != WriteResult::Done;
  return std::holds_alternative<Unreadable>(fact) || std::holds_alternative<Quarantined>(fact) ||
         std::holds_alternative<FleetHoldChanged>(fact) || std::holds_alternative<Gap>(fact) ||
         std::holds_alternative<WorldRestored>(fact) || std::holds_alternative<LeftScope>(fact) ||
         std::holds_alternative<Started>(fact) || std::holds_alternative<LeadershipLost>(fact);
}

}  // namespace

Millis read_duration(const std::string& text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  if (unit == "ms") return Millis(number);
  if (unit == "m") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  return std::chrono::seconds(number);
}

Result<Story> read_story(const std::string& text) {
  Story story;
  std::istringstream in(text);
  bool output = false;
  bool prose = true;
  bool fresh = true;  // The next command begins a step.
  for (std::string line; std::getline(in, line);) {
    if (prose && (line.empty() || line[0] == '#')) {
      story.prose += line + "\n";
      continue;
    }
    prose = false;
    if (line == "----") {
      output = true;
    } else if (line.empty()) {
      output = false;
      fresh = true;
    } else if (output) {
      story.steps.back().output += line + "\n";
    } else {
      if (fresh) story.steps.emplace_back();
      fresh = false;
      story.steps.back().commands.push_back(line);
    }
  }
  if (story.steps.empty()) return fail(ErrorCode::InvalidInput, "a story without commands");
  return story;
}

std::string write_story(const Story& story) {
  std::string text = story.prose;
  for (const StoryStep& step : story.steps) {
    for (const std::string& command : step.commands) text += command + "\n";
    text += "----\n" + step.output + "\n";
  }
  text.pop_back();
  return text;
}

StoryPlayer::StoryPlayer(std::uint64_t seed) {
  options_.seed = seed;
  manifest_ = sample_manifest();
}

void StoryPlayer::begin() {
  if (sim_) return;
  sim_ = std::make_unique<Sim>(options_);
  start_ = sim_->now();
  promises_ = std::make_unique<Promises>(*sim_);
  sim_->set_frame_listener([this](const Frame& frame, const State&) {
    tell(frame);
    promises_->note(frame);
  });
  sim_->set_step_listener([this] { promises_->look(); });
}

Sim& StoryPlayer::sim() {
  begin();
  return *sim_;
}

std::vector<std::string> StoryPlayer::complaints() {
  return promises_ ? promises_->broken() : std::vector<std::string>{};
}

void StoryPlayer::tell(const Frame& frame) {
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    if (!is_worth_telling(frame.facts[i].fact)) continue;
    told_ += since(start_, frame.at) + "   #" + std::to_string(frame.fact_seq(i).value) + " " +
             describe(frame.facts[i].fact) + "\n";
  }
  for (const Decision& decision : frame.decisions) {
    told_ += since(start_, frame.at) + " #" + std::to_string(decision.seq.value) + " " +
             describe(decision) + "\n";
  }
}

std::string StoryPlayer::set(const std::string& pointer, const std::string& json) {
  Json object = Json::parse(manifest_);
  Json value = Json::parse(json, nullptr, false);
  if (value.is_discarded()) return "error: not JSON: " + json + "\n";
  object[Json::json_pointer(pointer)] = std::move(value);
  manifest_ = object.dump();
  return "";
}

std::string StoryPlayer::replace(const std::string& rest) {
  const auto arrow = rest.find(" => ");
  if (arrow == std::string::npos) return "error: replace OLD => NEW\n";
  const std::string old_text = rest.substr(0, arrow);
  Json object = Json::parse(manifest_);
  std::string config = object["spec"]["serveConfigV2"];
  const auto at = config.find(old_text);
  if (at == std::string::npos) return "error: not found: " + old_text + "\n";
  config.replace(at, old_text.size(), rest.substr(arrow + 4));
  object["spec"]["serveConfigV2"] = config;
  manifest_ = object.dump();
  return "";
}

std::string StoryPlayer::show() {
  const std::string name = Json::parse(manifest_)["metadata"]["name"];
  const std::string path = "/apis/ray.io/v1/namespaces/default/rayservices/" + name;
  const HttpResponse response = sim_->request("GET", path);
  if (response.status != 200) return "no RayService\n";
  const Json object = Json::parse(response.body);
  const Json status = member(object, "status");
  std::string text;
  for (const char* which : {"activeServiceStatus", "pendingServiceStatus"}) {
    const Json view = member(status, which);
    text += std::string(which == std::string("activeServiceStatus") ? "active: " : "pending: ") +
            view.value("rayClusterName", std::string("-"));
    const Json apps = member(view, "applicationStatuses");
    for (const auto& [app, entry] : apps.items()) {
      text += ", " + app + " " + entry.value("status", "");
    }
    text += "\n";
  }
  text += "endpoints: " + std::to_string(status.value("numServeEndpoints", 0)) + "\n";
  for (const Json& condition : member(status, "conditions")) {
    text += condition.value("type", "") + ": " + condition.value("status", "") + ", " +
            condition.value("reason", "") + ", " + condition.value("message", "") + "\n";
  }
  for (const std::string& cluster : sim_->names("/apis/ray.io/v1/namespaces/default/rayclusters")) {
    text += "cluster: " + cluster + "\n";
  }
  return text;
}

std::string StoryPlayer::create(const std::string& rest) {
  const auto response = sim_->request("POST", path_of(first_word(rest)), rest_of(rest));
  return response.status < 300 ? "" : std::to_string(response.status) + " " + response.body + "\n";
}

std::string StoryPlayer::look(const std::string& rest) {
  const auto response = sim_->request("GET", path_of(first_word(rest)));
  if (response.status != 200) return std::to_string(response.status) + "\n";
  const Json object = Json::parse(response.body);
  const Json::json_pointer at(rest_of(rest));
  return (object.contains(at) ? object[at].dump() : "nothing there") + "\n";
}

std::string StoryPlayer::patch(const std::string& rest) {
  const auto response = sim_->request("PATCH", path_of(first_word(rest)), rest_of(rest),
                                      "application/merge-patch+json");
  return response.status < 300 ? "" : std::to_string(response.status) + " " + response.body + "\n";
}

std::string StoryPlayer::set_options(const std::string& rest) {
  if (sim_) return "error: options come before the first command that needs the world\n";
  if (rest == "failover=off")
    options_.options.failover = FailoverMode::Off;
  else if (rest == "failover=shadow")
    options_.options.failover = FailoverMode::Shadow;
  else if (rest == "zero-downtime=false")
    options_.options.zero_downtime = false;
  else if (rest == "kubernetes-proxy")
    options_.through_api_server = true;
  else if (rest == "redis-cleanup=false")
    options_.options.redis_cleanup = false;
  else
    return "error: unknown option " + rest + "\n";
  return "";
}

std::string StoryPlayer::play(const std::string& command) {
  const std::string verb = first_word(command);
  const std::string rest = rest_of(command);
  if (verb == "options") return set_options(rest);
  if (verb == "set") return set(first_word(rest), rest_of(rest));
  if (verb == "replace") return replace(rest);
  if (verb == "service") return set("/metadata/name", "\"" + rest + "\"");
  begin();
  told_.clear();
  std::string answer;
  if (verb == "apply") {
    const auto applied = sim_->apply(manifest_);
    if (!applied) answer = "error: " + applied.error().message + "\n";
  } else if (verb == "run") {
    sim_->run_for(read_duration(rest));
  } else if (verb == "ask") {
    const std::string name = Json::parse(manifest_)["metadata"]["name"];
    answer = sim_->ask(name + "-serve-svc", first_word(rest), rest_of(rest)) + "\n";
  } else if (verb == "show") {
    answer = show();
  } else if (verb == "fault") {
    sim_->fault(first_word(rest), rest_of(rest));
  } else if (verb == "patch") {
    answer = patch(rest);
  } else if (verb == "create") {
    answer = create(rest);
  } else if (verb == "look") {
    answer = look(rest);
  } else if (verb == "remove") {
    promises_->excuse(rest.substr(rest.rfind('/') + 1));
    const auto response = sim_->request("DELETE", path_of(rest));
    if (response.status >= 300) answer = std::to_string(response.status) + "\n";
  } else if (verb == "crash") {
    sim_->crash(rest.empty() ? 0 : static_cast<std::size_t>(std::stoul(rest)));
  } else if (verb == "down") {
    sim_->stop();
    sim_->run_for(read_duration(rest));
    sim_->start();
  } else if (verb == "wipe") {
    sim_->stop();
    sim_->lose_log();
    sim_->start();
  } else {
    answer = "error: unknown command " + verb + "\n";
  }
  return told_ + answer;
}

Played play(const Story& story) {
  Played played;
  played.story.prose = story.prose;
  StoryPlayer player;
  for (const StoryStep& step : story.steps) {
    StoryStep done{step.commands, ""};
    for (const std::string& command : step.commands) done.output += player.play(command);
    if (done.output.empty()) done.output = "nothing\n";
    played.story.steps.push_back(std::move(done));
  }
  played.complaints = player.complaints();
  for (std::string& line : replay_differences(player.sim())) {
    played.complaints.push_back("replay: " + std::move(line));
  }
  return played;
}

}  // namespace raycord

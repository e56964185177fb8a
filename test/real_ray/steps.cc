#include "test/real_ray/steps.h"

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>

#include "formats/message_keeper.h"
#include "formats/serve_config.h"
#include "test/real_ray/configs.h"
#include "test/real_ray/conversation.h"

namespace raycord {
namespace {

constexpr Millis kBetween{100};    // From one look to the next.
constexpr Millis kLimit{120'000};  // For a step to come to its end.

using Ended = std::function<bool(const ProbeAnswer&)>;

struct Step {
  std::string name;
  std::string yaml = {};  // Sent as the operator would …
  std::string body = {};  // … or as it stands here.
  std::function<void(PlayedHead&)> before = {};
  Ended ended = {};  // Empty: nothing changes any more.
  std::vector<std::pair<std::string, std::string>> requests = {};  // Path, body.
};

bool is_quiet(const ProbeAnswer& answer) {
  return answer.trouble == ProbeTrouble::None &&
         std::none_of(answer.serve.apps.begin(), answer.serve.apps.end(), [](const AppAnswer& app) {
           return app.status == "DEPLOYING" || app.status == "DELETING";
         });
}

bool any_is(const ProbeAnswer& answer, const std::string& status) {
  return std::any_of(answer.serve.apps.begin(), answer.serve.apps.end(),
                     [&](const AppAnswer& app) { return app.status == status; });
}

// The first and the last line: what is between is a traceback, with files and lines of a version.
std::string gist(const std::string& message) {
  std::string text = normal_form(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto first = text.find('\n');
  if (first == std::string::npos) return text;
  return text.substr(0, first) + " … " + text.substr(text.rfind('\n') + 1);
}

std::string text_of(const ProbeAnswer& answer) {
  if (answer.trouble != ProbeTrouble::None) {
    return "trouble " + std::to_string(static_cast<int>(answer.trouble)) + ", status " +
           std::to_string(answer.status);
  }
  std::string text;
  const auto say = [&](const std::string& message) {
    return message.empty() ? "" : " \"" + gist(message) + "\"";
  };
  for (const AppAnswer& app : answer.serve.apps) {
    text += app.name + " " + app.status + say(app.message) + ": ";
    for (const DeploymentAnswer& deployment : app.deployments) {
      text += deployment.name + " " + deployment.status + " " + deployment.trigger +
              say(deployment.message) + ", ";
    }
  }
  if (text.empty()) text = "no application, ";
  text += "proxies";
  if (answer.serve.proxies.empty()) text += " none";
  for (const auto& [status, count] : answer.serve.proxies) {
    text += " " + status + " " + std::to_string(count);
  }
  return text;
}

const std::string kNotShown = "not shown";

std::string match(const ServeConfig& sent, const ServeAnswer& answer) {
  bool exact = true;
  std::size_t found = 0;
  for (const AppAnswer& app : answer.apps) {
    const auto asked = sent.apps.find(app.name);
    if (asked == sent.apps.end() || !app.config) return kNotShown;
    exact = exact && app.config == asked->second;
    ++found;
  }
  if (found != sent.apps.size()) return kNotShown;
  return exact ? "as sent" : "in the head's own way";
}

// Looks until the step has come to its end; what is to be said of the way there.
class Watching {
 public:
  Watching(PlayedHead& head, Conversation& conversation) : head_(head), talk_(conversation) {}

  ProbeAnswer until(const Ended& ended) {
    ProbeAnswer answer;
    for (Millis passed{0};; passed += kBetween) {
      answer = talk_.ask(ProbeTarget::Dashboard);
      note(answer);
      if (ended(answer)) return answer;
      if (passed >= kLimit) break;
      head_.pass(kBetween);
    }
    slices_.push_back("it did not come to its end in time");
    answer.trouble = ProbeTrouble::Timeout;
    return answer;
  }

  const std::vector<std::string>& slices() const { return slices_; }
  std::string apps() const {
    std::string text;
    for (const auto& [app, statuses] : statuses_) {
      text += (text.empty() ? "" : "; ") + app;
      for (const std::string& status : statuses) text += " " + status;
    }
    return text;
  }

 private:
  void note(const ProbeAnswer& answer) {
    const std::string text = text_of(answer);
    if (slices_.empty() || slices_.back() != text) slices_.push_back(text);
    std::map<std::string, std::string> now;
    for (const AppAnswer& app : answer.serve.apps) now[app.name] = app.status;
    for (const auto& [app, statuses] : statuses_) now.emplace(app, "gone");
    for (const auto& [app, status] : now) {
      auto& statuses = statuses_[app];
      if (statuses.empty() || statuses.back() != status) statuses.push_back(status);
    }
  }

  PlayedHead& head_;
  Conversation& talk_;
  std::vector<std::string> slices_;
  std::map<std::string, std::vector<std::string>> statuses_;
};

// As the operator does it: an unknown outcome is followed by a look, and by another PUT.
WriteDone put(Conversation& conversation, Watching& watching, const std::string& body) {
  constexpr int kTries = 5;
  WriteDone done = conversation.put(body);
  for (int i = 1; i < kTries && done.result == WriteResult::Unknown; ++i) {
    watching.until(is_quiet);
    done = conversation.put(body);
  }
  return done;
}

StepResult play(const Step& step, PlayedHead& head, Conversation& conversation) {
  StepResult result;
  result.step = step.name;
  if (step.before) step.before(head);
  const ServeConfig config = read_serve_config(step.yaml);
  const std::string body = step.yaml.empty() ? step.body : *serve_config_json(step.yaml);
  Watching watching(head, conversation);
  if (!body.empty()) {
    const WriteDone done = put(conversation, watching, body);
    result.observed.push_back({"put", std::string(name_of(done.result)) + " " +
                                          std::to_string(done.status) + " " + gist(done.message)});
  }
  const auto shows_it = [&](const ProbeAnswer& answer) {
    return is_quiet(answer) && (step.yaml.empty() || match(config, answer.serve) != kNotShown);
  };
  const ProbeAnswer last = watching.until(step.ended ? step.ended : shows_it);
  result.slices = watching.slices();
  result.ended = last.trouble != ProbeTrouble::Timeout;
  result.observed.push_back({"apps", watching.apps()});
  if (!step.yaml.empty()) result.observed.push_back({"config", match(config, last.serve)});
  result.observed.push_back({"in the end", text_of(last)});
  for (const auto& [path, sent] : step.requests) {
    result.observed.push_back({path + " " + sent, conversation.request(path, sent)});
  }
  const ProbeAnswer proxy = conversation.ask(ProbeTarget::Proxy);
  result.observed.push_back(
      {"proxy", proxy.trouble == ProbeTrouble::None ? "healthy" : text_of(proxy)});
  std::cerr << step.name << "\n";
  for (const auto& [what, text] : result.observed)
    std::cerr << "  " << what << ": " << text << "\n";
  return result;
}

std::vector<Step> all_steps() {
  const std::string patient = "patient_app";
  const auto is_ill = [](const ProbeAnswer& answer) { return any_is(answer, "UNHEALTHY"); };
  const auto is_well = [](const ProbeAnswer& answer) {
    return !any_is(answer, "UNHEALTHY") && is_quiet(answer);
  };
  const auto is_refused = [](const ProbeAnswer& answer) {
    return answer.trouble == ProbeTrouble::Refused;
  };
  return {
      {.name = "an empty head"},
      {.name = "the guide's config",
       .yaml = guide_config(3),
       .requests = {{"/fruit/", R"(["MANGO", 2])"},
                    {"/calc/", R"(["MUL", 3])"},
                    {"/calc/", R"(["ADD", 3])"}}},
      {.name = "the price in place",
       .yaml = guide_config(4),
       .requests = {{"/fruit/", R"(["MANGO", 2])"}}},
      {.name = "an equal config",
       .yaml = guide_config(4),
       .requests = {{"/fruit/", R"(["MANGO", 2])"}}},
      {.name = "an application without import_path", .body = R"({"applications":[{"name":"a"}]})"},
      {.name = "an import_path of one word",
       .body = R"({"applications":[{"name":"a","import_path":"one"}]})"},
      {.name = "one route twice",
       .body = R"({"applications":[{"name":"a","import_path":"a.b"},)"
               R"({"name":"b","import_path":"a.b"}]})"},
      {.name = "no replicas",
       .body = R"({"applications":[{"name":"a","import_path":"a.b","deployments":)"
               R"([{"name":"A","num_replicas":0}]}]})"},
      {.name = "no applications", .body = "{}"},
      {.name = "a list", .body = "[]"},
      {.name = "a capacity of 101", .body = R"({"applications":[],"target_capacity":101})"},
      {.name = "no JSON", .body = "not json"},
      {.name = "a config of all kinds of values",
       .yaml = rich_config(),
       .requests = {{"/fruit/", R"(["MANGO", 2])"}}},
      {.name = "a config that Ray writes down otherwise", .yaml = rewritten_config()},
      {.name = "a module that is missing", .yaml = missing_module_config()},
      {.name = "a route that is none", .yaml = bad_route_config()},
      {.name = "a patient", .yaml = patient_config()},
      {.name = "the patient is ill",
       .before = [=](PlayedHead& head) { head.make_ill(patient); },
       .ended = is_ill},
      {.name = "the patient is well again",
       .before = [=](PlayedHead& head) { head.make_well(patient); },
       .ended = is_well},
      {.name = "the end of all applications", .yaml = "applications: []"},
      {.name = "the dashboard is killed",
       .before = [](PlayedHead& head) { head.kill_dashboard(); },
       .ended = is_refused},
  };
}

}  // namespace

std::vector<StepResult> play(PlayedHead& head) {
  Conversation conversation(head);
  std::vector<StepResult> results;
  for (const Step& step : all_steps()) {
    results.push_back(play(step, head, conversation));
    if (!results.back().ended) break;  // What follows would say nothing.
  }
  return results;
}

}  // namespace raycord

#include "sandbox/job_controller.h"

#include <string_view>

namespace raycord {
namespace {

bool has_ended(const ApiObject& job) {
  return !list_at(job.body, {"status", "conditions"}).empty();
}

bool can_run(const ApiObject& job) {
  for (const Json& container : list_at(job.body, {"spec", "template", "spec", "containers"})) {
    if (text_at(container, {"image"}).find("no-such-image") != std::string::npos) return false;
  }
  return true;
}

Json condition(const char* type, const char* reason, const std::string& at) {
  return {{"type", type},        {"status", "True"},         {"reason", reason},
          {"lastProbeTime", at}, {"lastTransitionTime", at}, {"message", ""}};
}

}  // namespace

JobController::JobController(ApiStore& store, ApiServer& api, Agenda& agenda, Millis run_time)
    : store_(store), api_(api), agenda_(agenda), run_time_(run_time) {
  store_.observe([this](const ApiChange& change) { note(change); });
}

void JobController::look_again() {
  for (const auto& [key, job] : store_.all(ApiKindId::Job)) follow(*job);
}

void JobController::note(const ApiChange& change) {
  if (change.type == ApiChangeType::Added && change.object().kind->id == ApiKindId::Job) {
    follow(change.object());
  }
}

void JobController::follow(const ApiObject& job) {
  if (has_ended(job)) return;
  const std::string uid = job.uid;
  if (can_run(job)) {
    agenda_.after(run_time_, [this, uid](Time now) { finish(now, uid, true); });
    return;
  }
  const std::int64_t deadline = number_at(job.body, {"spec", "activeDeadlineSeconds"}, 0);
  if (deadline == 0) return;
  agenda_.after(std::chrono::seconds(deadline), [this, uid](Time now) { finish(now, uid, false); });
}

void JobController::finish(Time now, const std::string& uid, bool well) {
  const ApiObjectPtr job = store_.find_uid(uid);
  if (job == nullptr || has_ended(*job)) return;
  Json body = job->body;
  const std::string at = to_rfc3339(now);
  Json& status = body["status"];
  status = {{"startTime", text_at(body, {"metadata", "creationTimestamp"})}};
  if (well) {
    status["succeeded"] = 1;
    status["completionTime"] = at;
    status["conditions"] = Json::array({condition("Complete", "CompletionsReached", at)});
  } else {
    status["failed"] = 1;
    status["conditions"] = Json::array({condition("Failed", "DeadlineExceeded", at)});
  }
  api_.replace(*job, std::move(body));
}

}  // namespace raycord

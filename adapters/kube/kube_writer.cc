#include "adapters/kube/kube_writer.h"

#include <algorithm>
#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/limits.h"
#include "formats/kube_list.h"
#include "formats/object_slice.h"

namespace raycord {
namespace {

WriteResult result_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::Refused:
    case HttpFailure::Tls:
    case HttpFailure::Unsupported:
      return WriteResult::Failed;
    case HttpFailure::Timeout:
    case HttpFailure::Reset:
    case HttpFailure::TooLarge:
    case HttpFailure::Cancelled:
      return WriteResult::Unknown;
  }
  return WriteResult::Unknown;
}

bool exists_already(const HttpOutcome& outcome) {
  const auto status = read_kube_status(outcome.response.body);
  return status && status->reason == "AlreadyExists";
}

// Not some other 404: of a namespace, of a kind that is not installed, of a proxy on the way.
bool is_missing(const HttpOutcome& outcome, const ObjectName& object) {
  const auto status = read_kube_status(outcome.response.body);
  return status && status->reason == "NotFound" && status->name == object.name;
}

}  // namespace

WriteResult result_of(const HttpOutcome& outcome) {
  if (outcome.failure) return result_of(*outcome.failure);
  const int status = outcome.response.status;
  if (status == kNotFound) return WriteResult::NotFound;
  if (status == kConflict) return WriteResult::Conflict;
  if (status == kTooManyRequests) return WriteResult::Throttled;
  // A gateway, or the API server at its deadline, does not know what became of it.
  if (status == kBadGateway || status == kGatewayTimeout) return WriteResult::Unknown;
  return status >= kServerError ? WriteResult::Failed : WriteResult::Refused;
}

KubeWriter::KubeWriter(const KubeApi& api, HttpTransport& transport, std::string log_id)
    : api_(api), transport_(transport), intent_prefix_(std::move(log_id) + ":") {}

KubeWriter::~KubeWriter() {
  for (const auto& [id, under_way] : under_way_) transport_.cancel(id);
}

void KubeWriter::send(Seq decided, KubeWrite write, Time now) {
  HttpRequest request = api_.request(write.method, write.path, now);
  request.timeout = kWriteTimeout;
  request.body = write.body;
  if (!request.body.empty()) request.headers.push_back({"content-type", write.content_type});
  const Hash sent = hash_of(write.body);
  write.body.clear();  // The transport has it; what is kept is needed for the answer.
  const std::uint64_t id = transport_.start(std::move(request), *this);
  under_way_[id] = {decided, std::move(write), sent, false, now};
}

void KubeWriter::on_done(std::uint64_t id, HttpOutcome outcome) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  UnderWay under_way = std::move(found->second);
  under_way_.erase(found);
  api_.note_answer(outcome);
  under_way.at += outcome.elapsed;
  if (under_way.is_look) {
    settle_look(under_way, outcome);
  } else {
    answer(under_way, outcome);
  }
}

// The answer to creating a Secret has its content, which must not get into the log.
bool KubeWriter::is_secret(const UnderWay& under_way) {
  return under_way.write.object.kind == Kind::Secret;
}

void KubeWriter::answer(UnderWay& under_way, const HttpOutcome& outcome) {
  const KubeVerb verb = under_way.write.verb;
  if (is_success(outcome)) {
    return verb == KubeVerb::Delete ? accept_delete(under_way, outcome)
                                    : accept(under_way, outcome);
  }
  const WriteResult result = result_of(outcome);
  if (result == WriteResult::Conflict && verb == KubeVerb::Create && exists_already(outcome)) {
    // Whose Secret it is does not matter, and reading it would be reading what is in it.
    if (is_secret(under_way)) return finish(under_way, WriteResult::AlreadyExists, outcome);
    return look(std::move(under_way));
  }
  if (result != WriteResult::NotFound || !is_missing(outcome, under_way.write.object)) {
    return finish(under_way, result, outcome);
  }
  if (verb != KubeVerb::Create) report_gone(under_way, 0);
  finish(under_way, verb == KubeVerb::Delete ? WriteResult::Done : result, outcome);
}

// Accepted; an answer that cannot be read changes nothing about that, the watch will show it.
void KubeWriter::accept(const UnderWay& under_way, const HttpOutcome& outcome) {
  const auto head = read_object_head(outcome.response.body);
  const bool is_news = under_way.write.verb != KubeVerb::Status && !is_secret(under_way);
  if (is_news) see(under_way, outcome.response.body);
  finish(under_way, WriteResult::Done, outcome, head ? head->version : 0);
}

// The API server answers with the object while something holds it (a finalizer, a grace period),
// with the object as it was or a Status when it is gone.
void KubeWriter::accept_delete(const UnderWay& under_way, const HttpOutcome& outcome) {
  const std::string& body = outcome.response.body;
  std::uint64_t version = 0;
  const auto head = read_object_head(body);
  if (read_kube_status(body)) {
    report_gone(under_way, 0);
  } else if (head && !head->name.empty()) {
    version = head->version;
    if (head->deleting || head->has_finalizers) {
      see(under_way, body);
    } else {
      report_gone(under_way, version);
    }
  }
  finish(under_way, WriteResult::Done, outcome, version);
}

void KubeWriter::look(UnderWay under_way) {
  const ObjectName& name = under_way.write.object;
  const Time now = under_way.at;
  HttpRequest request = api_.request("GET", api_path(name.kind, name.ns, name.name), now);
  under_way.is_look = true;
  const std::uint64_t id = transport_.start(std::move(request), *this);
  under_way_[id] = std::move(under_way);
}

void KubeWriter::settle_look(const UnderWay& under_way, const HttpOutcome& outcome) {
  if (!is_success(outcome) || !see(under_way, outcome.response.body)) {
    // It existed a moment ago: nothing was created, and who made it is not known.
    return finish(under_way, WriteResult::Conflict, outcome);
  }
  const Meta meta = meta_of(std::get<ObjectSeen>(reports_.back().fact).object);
  WriteDone done;
  done.status = kConflict;
  done.version = meta.version;
  if (!meta.intent.starts_with(intent_prefix_)) {
    done.result = WriteResult::AlreadyExists;
    done.message = to_text(under_way.write.object) + " exists and was made by " +
                   (meta.intent.empty() ? "somebody else" : "event " + meta.intent);
  }
  finish(under_way, std::move(done));
}

void KubeWriter::finish(const UnderWay& under_way, WriteResult result, const HttpOutcome& outcome,
                        std::uint64_t version) {
  WriteDone done;
  done.result = result;
  done.status = outcome.response.status;
  done.version = version;
  if (result != WriteResult::Done) {
    done.message = message_of(outcome);
    done.retry_after = retry_after(outcome);
  }
  finish(under_way, std::move(done));
}

void KubeWriter::finish(const UnderWay& under_way, WriteDone done) {
  done.decided = under_way.decided;
  done.sent = under_way.sent;
  reports_.push_back({std::move(done), ""});
}

bool KubeWriter::see(const UnderWay& under_way, const std::string& json) {
  const std::string where = "answer about " + to_text(under_way.write.object);
  Result<Object> object = slice_object(under_way.write.object.kind, json);
  if (!object) {
    reports_.push_back({Unreadable{where, short_line(object.error().message, kServerMessageMax),
                                   json.size(), hash_of(json)},
                        ""});
    return false;
  }
  reports_.push_back({ObjectSeen{std::move(*object)}, json});
  return true;
}

void KubeWriter::report_gone(const UnderWay& under_way, std::uint64_t version) {
  const KubeWrite& write = under_way.write;
  reports_.push_back({ObjectGone{write.object, write.uid, version, GoneHow::Answered}, ""});
}

std::vector<Report> KubeWriter::take_reports() { return std::exchange(reports_, {}); }

}  // namespace raycord

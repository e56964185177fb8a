#include "adapters/ray/ray_writer.h"

#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/kube/kube_writer.h"
#include "adapters/limits.h"

namespace raycord {
namespace {

constexpr const char* kServePath = "/api/serve/applications/";

// Of a traceback the last line says what went wrong; the message would be cut before it.
void keep_the_exception(std::string& body) {
  if (!body.starts_with("Traceback")) return;
  while (!body.empty() && body.back() == '\n') body.pop_back();
  body.erase(0, body.rfind('\n') + 1);
}

}  // namespace

RayWriter::RayWriter(HttpTransport& transport, const RayWay& way)
    : transport_(transport), way_(way) {}

RayWriter::~RayWriter() {
  for (const auto& [id, under_way] : under_way_) transport_.cancel(id);
}

void RayWriter::send(Seq decided, ServePut put, Time now) { start({decided, std::move(put), now}); }

void RayWriter::start(UnderWay under_way) {
  const ServePut& put = under_way.put;
  const HeadAddress head{put.ns, put.address, put.head_pod, put.head_service};
  auto request = way_.request("PUT", head, put.to_agent ? HeadPort::Agent : HeadPort::Dashboard,
                              put.to_agent ? put.agent_port : put.port, kServePath,
                              put.token_secret, under_way.at);
  if (!request) {
    WriteDone done;
    done.decided = under_way.decided;
    done.result = WriteResult::Failed;
    done.message = "the token in Secret " + put.ns + "/" + put.token_secret + " is not known";
    done.sent = hash_of(put.body);
    reports_.push_back({std::move(done), ""});
    return;
  }
  request->timeout = kServePutTimeout;
  request->headers.push_back({"content-type", "application/json"});
  request->body = put.body;
  const std::uint64_t id = transport_.start(std::move(*request), *this);
  under_way_[id] = std::move(under_way);
}

void RayWriter::on_done(std::uint64_t id, HttpOutcome outcome) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  UnderWay under_way = std::move(found->second);
  under_way_.erase(found);
  const bool missing = !outcome.failure && outcome.response.status == kNotFound;
  if (missing && !under_way.put.to_agent) {
    under_way.put.to_agent = true;
    under_way.at += outcome.elapsed;
    return start(std::move(under_way));
  }
  WriteDone done;
  done.decided = under_way.decided;
  done.status = outcome.response.status;
  done.sent = hash_of(under_way.put.body);
  if (!is_success(outcome)) {
    done.result = result_of(outcome);
    keep_the_exception(outcome.response.body);
    done.message = message_of(outcome);
    done.retry_after = retry_after(outcome);
  }
  reports_.push_back({std::move(done), ""});
}

std::vector<Report> RayWriter::take_reports() { return std::exchange(reports_, {}); }

}  // namespace raycord

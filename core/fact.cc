#include "core/fact.h"

namespace raycord {

const char* name_of(ProbeTrouble trouble) {
  switch (trouble) {
    case ProbeTrouble::None:
      return "none";
    case ProbeTrouble::Refused:
      return "connection refused";
    case ProbeTrouble::Timeout:
      return "timeout";
    case ProbeTrouble::Reset:
      return "connection reset";
    case ProbeTrouble::BadStatus:
      return "bad status";
    case ProbeTrouble::Unreadable:
      return "unreadable";
    case ProbeTrouble::TooLarge:
      return "too large";
    case ProbeTrouble::Unauthorized:
      return "unauthorized";
    case ProbeTrouble::NoServeApi:
      return "no Serve API";
  }
  return "unknown";
}

const char* name_of(WriteResult result) {
  switch (result) {
    case WriteResult::Done:
      return "done";
    case WriteResult::Conflict:
      return "conflict";
    case WriteResult::AlreadyExists:
      return "already exists";
    case WriteResult::NotFound:
      return "not found";
    case WriteResult::Refused:
      return "refused";
    case WriteResult::Failed:
      return "failed";
    case WriteResult::Unknown:
      return "outcome unknown";
    case WriteResult::Withdrawn:
      return "withdrawn";
    case WriteResult::Throttled:
      return "throttled";
  }
  return "unknown";
}

}  // namespace raycord

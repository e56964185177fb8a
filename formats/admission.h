// Admission answers an AdmissionReview of the API server: text in, text out.
//
//   auto answer = review_admission(Kind::RayService, request_body);
//   if (!answer) return reply(400, answer.error().message);
//   reply(200, answer->review);
//
// Refused is what breaks a rule of validation.h or has two worker groups of one name. Never
// refused: a deletion, whatever happens to an object that is being deleted, a subresource, an
// object that another controller manages, and an update that breaks nothing which was not broken
// before. So a finalizer can always be removed.

#pragma once

#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/result.h"

namespace raycord {

struct AdmissionAnswer {
  bool allowed = true;
  std::string review;  // An AdmissionReview with the response.
};

// `kind`: RayService or RayCluster. InvalidInput: this is no AdmissionReview of that kind.
Result<AdmissionAnswer> review_admission(Kind kind, std::string_view review);

}  // namespace raycord

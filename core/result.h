// Result<T> holds a T, or the Error that says why there is none.
//
//   Result<Frame> frame = decode_frame(bytes);
//   if (!frame) return fail(frame.error());
//   use(*frame);
//
// For what goes wrong around us: a full disk, a damaged record, a wrong flag. What the cluster does
// is a fact, not an error; a broken invariant is a CHECK. Call sites use fail(), operator bool,
// operator*, -> and error() and nothing else, so that Result can become std::expected with C++23.

#pragma once

#include <string>
#include <utility>
#include <variant>

#include "core/check.h"

namespace raycord {

// A code exists only where some caller reacts to it in particular.
enum class ErrorCode { Corrupt, Io, InUse, InvalidInput, NotFound, Unsupported, NoSpace };

struct Error {
  ErrorCode code = ErrorCode::InvalidInput;
  std::string message;  // Names the thing, the place and what to do; no newline, no secret.
};

struct Failure {
  Error error;
};

inline Failure fail(Error error) { return {std::move(error)}; }
inline Failure fail(ErrorCode code, std::string message) { return {{code, std::move(message)}}; }

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}                  // NOLINT: implicit by design
  Result(Failure failure) : content_(std::move(failure.error)) {}  // NOLINT: implicit by design

  explicit operator bool() const { return content_.index() == 0; }

  T& operator*() { return checked(); }
  const T& operator*() const { return const_cast<Result*>(this)->checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }

  const Error& error() const {
    CHECK(content_.index() == 1);
    return *std::get_if<1>(&content_);
  }

 private:
  T& checked() {
    CHECK(content_.index() == 0);
    return *std::get_if<0>(&content_);
  }

  std::variant<T, Error> content_;
};

struct Done {};
using Outcome = Result<Done>;  // A Result with nothing to return.

}  // namespace raycord

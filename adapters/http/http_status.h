// The HTTP statuses that mean something to us.

#pragma once

namespace raycord {

inline constexpr int kUnauthorized = 401;
inline constexpr int kForbidden = 403;
inline constexpr int kNotFound = 404;
inline constexpr int kConflict = 409;
inline constexpr int kTooManyRequests = 429;
inline constexpr int kServerError = 500;
inline constexpr int kBadGateway = 502;
inline constexpr int kGatewayTimeout = 504;

}  // namespace raycord

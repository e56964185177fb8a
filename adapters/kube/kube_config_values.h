// Values as kubeconfig files hold them: small files, base64, PEM. Errors name the place, never what
// stands there.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

// Kubeconfigs of large fleets have hundreds of kilobytes; certificates and tokens a few.
inline constexpr std::size_t kMaxConfigFile = 8 * 1024 * 1024;

// `described` begins the message of an error: "token file /x/token of user 'dev'".
Result<std::string> read_small_file(const std::string& path, const std::string& described);

std::string encode_base64(std::string_view bytes);
Result<std::string> decode_base64(std::string_view text, const std::string& described);

// Checks that PEM text holds what it should, so that a mistake is named here and not in a
// handshake.
Outcome check_certificate_pem(std::string_view pem, const std::string& described);
Outcome check_key_pem(std::string_view pem, const std::string& described);

// `path`, when relative, is meant from the folder of the file it stands in.
std::string path_beside(const std::string& path, const std::string& file);

}  // namespace raycord

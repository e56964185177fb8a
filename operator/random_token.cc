#include "operator/random_token.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <sys/random.h>

#include "core/check.h"

namespace raycord {
namespace {

constexpr std::size_t kTokenBytes = 32;

std::string to_base64(const std::array<unsigned char, kTokenBytes>& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8) | (i + k < bytes.size() ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : kDigits[(bits >> (18 - 6 * k)) & 63U];
    }
  }
  return text;
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, kTokenBytes> bytes{};
  const ssize_t filled = getrandom(bytes.data(), bytes.size(), 0);
  CHECK(filled == static_cast<ssize_t>(bytes.size()));
  return to_base64(bytes);
}

}  // namespace raycord

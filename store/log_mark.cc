#include "store/log_mark.h"

#include <cstddef>

namespace raycord {
namespace {

std::string hex_of(const std::array<std::uint8_t, 16>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

int value_of_hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

std::string LogId::hex() const { return hex_of(bytes); }

std::string LogId::short_form() const {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | bytes[i];
  std::string text;
  for (int i = 0; i < 5; ++i) {
    text += kAlphabet[number % kAlphabet.size()];
    number /= kAlphabet.size();
  }
  return text;
}

std::string Chain::hex() const { return hex_of(bytes); }

std::optional<Chain> Chain::from_hex(std::string_view text) {
  Chain chain;
  if (text.size() != 2 * chain.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < chain.bytes.size(); ++i) {
    int high = value_of_hex(text[2 * i]);
    int low = value_of_hex(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    chain.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return chain;
}

}  // namespace raycord

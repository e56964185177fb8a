#include "formats/http.h"

#include <utility>

namespace raycord {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// What stands after "scheme://host"; a URL that already is a path is left alone.
std::string_view from_path_on(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  const auto path = url.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : url.substr(path);
}

}  // namespace

const char* name_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::Refused:
      return "refused";
    case HttpFailure::Timeout:
      return "timeout";
    case HttpFailure::Reset:
      return "reset";
    case HttpFailure::Tls:
      return "tls";
    case HttpFailure::TooLarge:
      return "too-large";
    case HttpFailure::Cancelled:
      return "cancelled";
    case HttpFailure::Unsupported:
      return "unsupported";
  }
  return "unknown";
}

std::optional<std::string> find_header(const std::vector<HttpHeader>& headers,
                                       std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

UrlParts split_url(std::string_view url) {
  std::string_view rest = from_path_on(url);
  UrlParts parts;
  const auto mark = rest.find('?');
  parts.path = percent_decode(rest.substr(0, mark), false);
  if (mark == std::string_view::npos) return parts;
  rest.remove_prefix(mark + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty()) {
      parts.query.emplace_back(
          percent_decode(pair.substr(0, equals), true),
          equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1), true));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return parts;
}

std::string url_encode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

}  // namespace raycord

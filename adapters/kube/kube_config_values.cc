#include "adapters/kube/kube_config_values.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace raycord {
namespace {

struct Deleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

}  // namespace

Result<std::string> read_small_file(const std::string& path, const std::string& described) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return fail(ErrorCode::NotFound, described + " cannot be read: no such file");
  }
  if (std::filesystem::is_directory(status)) {
    return fail(ErrorCode::InvalidInput, described + " is a folder, not a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::Io, described + " cannot be read: " + std::strerror(errno));
  }
  std::string text(kMaxConfigFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxConfigFile) {
    return fail(ErrorCode::InvalidInput, described + " is larger than 8 MiB");
  }
  return text;
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock adds a zero.
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Result<std::string> decode_base64(std::string_view text, const std::string& described) {
  const Failure wrong = fail(ErrorCode::InvalidInput, described + " is not base64");
  std::string packed;  // Without the line breaks that YAML blocks bring.
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
               [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
  if (packed.empty() || packed.size() % 4 != 0) return wrong;
  std::string bytes(packed.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(packed.data()),
                                     static_cast<int>(packed.size()));
  if (length < 0) return wrong;
  const std::size_t padding = packed.ends_with("==") ? 2 : packed.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

Outcome check_certificate_pem(std::string_view pem, const std::string& described) {
  const std::unique_ptr<BIO, Deleter> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, Deleter> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate) return Done{};
  return fail(ErrorCode::InvalidInput, described + " holds no certificate in PEM form");
}

Outcome check_key_pem(std::string_view pem, const std::string& described) {
  if (pem.find("ENCRYPTED") != std::string_view::npos) {
    return fail(ErrorCode::Unsupported, described + " is encrypted; give a key without passphrase");
  }
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) return Done{};
  return fail(ErrorCode::InvalidInput, described + " holds no private key in PEM form");
}

std::string path_beside(const std::string& path, const std::string& file) {
  const std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  std::error_code error;
  const auto folder = std::filesystem::absolute(file, error).parent_path();
  return (folder / given).lexically_normal().string();
}

}  // namespace raycord

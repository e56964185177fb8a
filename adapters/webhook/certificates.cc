#include "adapters/webhook/certificates.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "adapters/limits.h"

namespace raycord {
namespace {

struct Deleter {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
using Certificate = std::unique_ptr<X509, Deleter>;
using Key = std::unique_ptr<EVP_PKEY, Deleter>;
using Memory = std::unique_ptr<BIO, Deleter>;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

Memory memory_of(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate read_certificate(const std::string& pem) {
  const Memory memory = memory_of(pem);
  return Certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

// A passphrase is asked of nobody.
Key read_key(const std::string& pem) {
  const Memory memory = memory_of(pem);
  const auto nobody = [](char*, int, int, void*) { return -1; };
  return Key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nobody, nullptr));
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(bio, &bytes);
  return length > 0 ? std::string(bytes, static_cast<std::size_t>(length)) : std::string();
}

std::time_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::optional<Time> time_of(const ASN1_TIME* time) {
  const std::unique_ptr<ASN1_TIME, Deleter> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return std::nullopt;
  return Time(std::chrono::days(days) + std::chrono::seconds(seconds));
}

bool is_address(const std::string& name) {
  return name.find(':') != std::string::npos ||
         name.find_first_not_of("0123456789.") == std::string::npos;
}

// Builds one certificate; remembers whether every step went well.
class Maker {
 public:
  Maker(Time now, Millis good_for) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    good_ = key_ && certificate_;
    if (!good_) return;
    X509* x = certificate_.get();
    std::uint64_t serial = 0;
    good_ = RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
            X509_set_version(x, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), (serial >> 1) | 1) == 1 &&
            ASN1_TIME_set(X509_getm_notBefore(x), seconds_of(now - kCertificateBackdated)) &&
            ASN1_TIME_set(X509_getm_notAfter(x), seconds_of(now + good_for)) &&
            X509_set_pubkey(x, key_.get()) == 1;
  }

  void name(const std::string& common_name) {
    if (!good_) return;
    const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.c_str());
    good_ = X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_.get()), "CN",
                                       MBSTRING_UTF8, bytes, -1, -1, 0) == 1;
  }

  void extend(X509* issuer, int nid, const std::string& value) {
    if (!good_) return;
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate_.get(), nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Deleter> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    good_ = extension && X509_add_ext(certificate_.get(), extension.get(), -1) == 1;
  }

  Result<Identity> sign(X509* issuer, EVP_PKEY* key) {
    if (good_) {
      good_ = X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer)) == 1 &&
              X509_sign(certificate_.get(), key, EVP_sha256()) > 0;
    }
    const Memory certificate(BIO_new(BIO_s_mem()));
    const Memory secret(BIO_new(BIO_s_mem()));
    if (good_) {
      good_ = PEM_write_bio_X509(certificate.get(), certificate_.get()) == 1 &&
              PEM_write_bio_PrivateKey(secret.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1;
    }
    if (!good_) return fail(ErrorCode::Io, "OpenSSL could not make a certificate for the webhook");
    return Identity{text_of(certificate.get()), text_of(secret.get())};
  }

  X509* certificate() { return certificate_.get(); }
  EVP_PKEY* key() { return key_.get(); }

 private:
  Key key_;
  Certificate certificate_;
  bool good_ = false;
};

}  // namespace

Result<Identity> make_authority(Time now) {
  Maker maker(now, kAuthorityGoodFor);
  X509* self = maker.certificate();
  maker.name("raycord-webhook authority of " + to_rfc3339(now));
  maker.extend(self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  maker.extend(self, NID_key_usage, "critical,keyCertSign,cRLSign");
  maker.extend(self, NID_subject_key_identifier, "hash");
  return maker.sign(self, maker.key());
}

Result<Identity> make_certificate(const Identity& authority, const std::vector<std::string>& names,
                                  Time now) {
  const Certificate issuer = read_certificate(authority.certificate);
  const Key key = read_key(authority.key);
  if (!issuer || !key) {
    return fail(ErrorCode::InvalidInput, "the webhook's authority cannot be read");
  }
  std::string alternatives;
  for (const std::string& name : names) {
    alternatives += (alternatives.empty() ? "" : ",");
    alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  Maker maker(now, kCertificateGoodFor);
  maker.name("raycord-webhook");
  maker.extend(issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  maker.extend(issuer.get(), NID_key_usage, "critical,digitalSignature");
  maker.extend(issuer.get(), NID_ext_key_usage, "serverAuth");
  maker.extend(issuer.get(), NID_authority_key_identifier, "keyid");
  maker.extend(issuer.get(), NID_subject_alt_name, alternatives);
  return maker.sign(issuer.get(), key.get());
}

std::optional<Validity> validity_of(const std::string& certificate) {
  const Certificate x = read_certificate(certificate);
  if (!x) return std::nullopt;
  const auto from = time_of(X509_get0_notBefore(x.get()));
  const auto until = time_of(X509_get0_notAfter(x.get()));
  if (!from || !until) return std::nullopt;
  return Validity{*from, *until};
}

std::vector<std::string> split_certificates(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;
       at = text.find(kBegin, at + 1)) {
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string_view::npos) break;
    found.push_back(std::string(text.substr(at, end + kEnd.size() - at)) + "\n");
  }
  return found;
}

bool is_issued_by(const std::string& certificate, const std::string& authority) {
  const Certificate x = read_certificate(certificate);
  const Certificate issuer = read_certificate(authority);
  if (!x || !issuer) return false;
  return X509_check_issued(issuer.get(), x.get()) == X509_V_OK &&
         X509_verify(x.get(), X509_get0_pubkey(issuer.get())) == 1;
}

bool is_for(const std::string& certificate, const std::vector<std::string>& names) {
  const Certificate x = read_certificate(certificate);
  return x && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
           return is_address(name)
                      ? X509_check_ip_asc(x.get(), name.c_str(), 0) == 1
                      : X509_check_host(x.get(), name.data(), name.size(), 0, nullptr) == 1;
         });
}

bool belongs_to(const std::string& key, const std::string& certificate) {
  const Key secret = read_key(key);
  const Certificate x = read_certificate(certificate);
  return secret && x && X509_check_private_key(x.get(), secret.get()) == 1;
}

}  // namespace raycord

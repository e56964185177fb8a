#include "adapters/http/curl_exchange.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace raycord {
namespace {

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("-_.!", c) != nullptr;
  });
}

// What is wrong with the parts of the request that go onto the wire as lines, or nothing. Values of
// headers may be secrets and are not repeated.
std::string problem_of(const HttpRequest& request) {
  if (!is_token(request.method)) return "the method is not a word";
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) return "the name of a header is not a word";
    if (has_control_characters(header.value)) {
      return "the value of header " + header.name + " has a line break or control character";
    }
  }
  return {};
}

struct CodeMeaning {
  CURLcode code;
  HttpFailure failure;
};

// What is not named here ended in mid-exchange.
constexpr CodeMeaning kMeanings[] = {
    {CURLE_COULDNT_CONNECT, HttpFailure::Refused},
    {CURLE_COULDNT_RESOLVE_HOST, HttpFailure::Refused},
    {CURLE_COULDNT_RESOLVE_PROXY, HttpFailure::Refused},
    {CURLE_OPERATION_TIMEDOUT, HttpFailure::Timeout},
    {CURLE_FILESIZE_EXCEEDED, HttpFailure::TooLarge},
    {CURLE_PEER_FAILED_VERIFICATION, HttpFailure::Tls},
    {CURLE_SSL_CONNECT_ERROR, HttpFailure::Tls},
    {CURLE_SSL_CERTPROBLEM, HttpFailure::Tls},
    {CURLE_SSL_CIPHER, HttpFailure::Tls},
    {CURLE_SSL_CACERT_BADFILE, HttpFailure::Tls},
    {CURLE_SSL_ISSUER_ERROR, HttpFailure::Tls},
    {CURLE_SSL_CLIENTCERT, HttpFailure::Tls},
    {CURLE_SSL_ENGINE_SETFAILED, HttpFailure::Tls},
    {CURLE_USE_SSL_FAILED, HttpFailure::Tls},
    {CURLE_UNSUPPORTED_PROTOCOL, HttpFailure::Unsupported},
    {CURLE_URL_MALFORMAT, HttpFailure::Unsupported},
    {CURLE_WEIRD_SERVER_REPLY, HttpFailure::Unsupported},
    {CURLE_BAD_FUNCTION_ARGUMENT, HttpFailure::Unsupported},
};

// With TLS 1.3 a server refuses our certificate only after the handshake, as an alert in the
// stream.
bool is_tls_alert(std::string_view error) {
  return error.find("SSL routines") != std::string_view::npos &&
         error.find("alert") != std::string_view::npos;
}

HttpFailure failure_of(CURLcode code, std::string_view error) {
  for (const CodeMeaning& meaning : kMeanings) {
    if (meaning.code == code) return meaning.failure;
  }
  return is_tls_alert(error) ? HttpFailure::Tls : HttpFailure::Reset;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

curl_blob blob_of(const std::string& pem) {
  // libcurl takes a pointer to non-const and only reads.
  return {const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
}

}  // namespace

UrlTarget parse_target(const std::string& url) {
  UrlTarget target;
  target.url.reset(curl_url());
  const CURLUcode code = curl_url_set(target.url.get(), CURLUPART_URL, url.c_str(),
                                      CURLU_PATH_AS_IS | CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) {
    target.problem = curl_url_strerror(code);
    return target;
  }
  const std::string scheme = part_of(target.url.get(), CURLUPART_SCHEME);
  target.host = part_of(target.url.get(), CURLUPART_HOST);
  target.port = part_of(target.url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  target.origin = scheme + "://" + to_lower(target.host) + ":" + target.port;
  if (scheme != "http" && scheme != "https") target.problem = "not an http or https URL";
  return target;
}

CurlExchange::CurlExchange(std::uint64_t id, HttpRequest request, HttpListener& listener,
                           std::vector<std::uint64_t>& arrived)
    : id_(id),
      request_(std::move(request)),
      listener_(&listener),
      arrived_(&arrived),
      started_(std::chrono::steady_clock::now()),
      last_byte_(started_) {}

bool CurlExchange::prepare(UrlTarget target, std::shared_ptr<const OriginProfile> profile,
                           const CurlOptions& options) {
  target_ = std::move(target);
  profile_ = std::move(profile);
  if (const std::string problem = problem_of(request_); !problem.empty()) {
    fail_with(HttpFailure::Unsupported,
              "request to " + target_.address() + " not sent: " + problem);
    return false;
  }
  easy_.reset(curl_easy_init());
  if (!easy_) {
    fail_with(HttpFailure::Unsupported, "libcurl has no memory for another request");
    return false;
  }
  set_basics(options);
  set_method();
  set_headers();
  if (target_.origin.starts_with("https:")) set_tls();
  if (refused_option_ == CURLE_OK) return true;
  fail_with(HttpFailure::Unsupported, "libcurl refused an option for the request to " +
                                          target_.address() + ": " +
                                          curl_easy_strerror(refused_option_));
  return false;
}

template <class Value>
void CurlExchange::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
  if (code != CURLE_OK && refused_option_ == CURLE_OK) refused_option_ = code;
}

void CurlExchange::set_basics(const CurlOptions& options) {
  constexpr long kIdleSecondsMost = 55;   // Below the usual 60 s and more of servers.
  constexpr long kKeepAliveSeconds = 30;  // Finds dead peers of silent streams.
  const Millis connect = std::min(options.connect_timeout, Millis(request_.timeout));
  set(CURLOPT_CURLU, target_.url.get());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, options.user_agent.c_str());
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(CURLOPT_MAXAGE_CONN, kIdleSecondsMost);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, kKeepAliveSeconds);
  set(CURLOPT_TCP_KEEPINTVL, kKeepAliveSeconds);
  set(CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &CurlExchange::on_send);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  if (!options.proxy_from_environment) {
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
  }
  if (!request_.stream) {
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(request_.timeout.count(), 1)));
  }
  const bool http2 = profile_->http2 && !request_.stream;
  set(CURLOPT_HTTP_VERSION, http2 ? long{CURL_HTTP_VERSION_2TLS} : long{CURL_HTTP_VERSION_1_1});
  if (http2) set(CURLOPT_PIPEWAIT, 1L);  // Join a connection being made instead of making another.
}

void CurlExchange::set_method() {
  const bool has_body = !request_.body.empty() || request_.method == "POST" ||
                        request_.method == "PUT" || request_.method == "PATCH";
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (has_body) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (request_.method != (has_body ? "POST" : "GET")) {
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

void CurlExchange::set_headers() {
  bool has_content_type = false;
  const auto append = [this](const std::string& line) {
    headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  };
  for (const HttpHeader& header : request_.headers) {
    if (to_lower(header.name) == "content-type") has_content_type = true;
    // libcurl writes an empty header when its name ends with a semicolon.
    append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  append("expect:");  // Don't wait for "100 Continue" before a body.
  if (!has_content_type) append("content-type:");
  if (!profile_->tls.server_name.empty() && target_.origin.starts_with("https:")) {
    append("host: " + target_.address());
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void CurlExchange::set_tls() {
  const TlsOptions& tls = profile_->tls;
  const auto set_blob = [this](CURLoption option, const std::string& pem) {
    curl_blob blob = blob_of(pem);
    set(option, &blob);
  };
  if (!tls.ca_pem.empty()) {
    set_blob(CURLOPT_CAINFO_BLOB, tls.ca_pem);
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // Else the system's are trusted as well.
  }
  if (!tls.client_cert_pem.empty()) {
    set(CURLOPT_SSLCERTTYPE, "PEM");
    set(CURLOPT_SSLKEYTYPE, "PEM");
    set_blob(CURLOPT_SSLCERT_BLOB, tls.client_cert_pem);
    set_blob(CURLOPT_SSLKEY_BLOB, tls.client_key_pem);
    set(CURLOPT_KEYPASSWD, "");  // An encrypted key fails; else OpenSSL asks on the terminal.
  }
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (tls.insecure) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!tls.server_name.empty()) set_expected_name();
}

// libcurl expects the certificate of the URL's host, so the URL gets the expected name and the
// connection goes where the URL pointed.
void CurlExchange::set_expected_name() {
  const std::string& name = profile_->tls.server_name;
  if (curl_url_set(target_.url.get(), CURLUPART_HOST, name.c_str(), 0) != CURLUE_OK) {
    refused_option_ = CURLE_URL_MALFORMAT;
    return;
  }
  const std::string rule = name + ":" + target_.port + ":" + target_.address();
  connect_to_.reset(curl_slist_append(nullptr, rule.c_str()));
  set(CURLOPT_CONNECT_TO, connect_to_.get());
}

std::size_t CurlExchange::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::size_t length = size * count;
  return static_cast<CurlExchange*>(self)->take_header({bytes, length}) ? length : 0;
}

std::size_t CurlExchange::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::size_t length = size * count;
  if (length == 0) return 0;
  return static_cast<CurlExchange*>(self)->take_body({bytes, length}) ? length : 0;
}

// libcurl asks here each time it is about to send the request: also when it means to send it again
// because a reused connection died before the answer. Of a write the server may have acted on the
// first one.
int CurlExchange::on_send(void* self, char*, char*, int, int) {
  auto* exchange = static_cast<CurlExchange*>(self);
  if (exchange->sent_ && !exchange->is_read()) {
    exchange->stop_ = Stop::WouldRepeat;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange->sent_ = true;
  return CURL_PREREQFUNC_OK;
}

bool CurlExchange::take_header(std::string_view line) {
  last_byte_ = std::chrono::steady_clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    stop_ = Stop::HeadersTooLarge;
    return false;
  }
  if (line.starts_with("HTTP/")) {  // Also after "100 Continue": what came before is void.
    outcome_.response.headers.clear();
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  outcome_.response.headers.push_back(
      {to_lower(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return true;
}

bool CurlExchange::take_body(std::string_view bytes) {
  last_byte_ = std::chrono::steady_clock::now();
  if (request_.stream) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) {
      if (chunk_.empty()) arrived_->push_back(id_);
      chunk_.append(bytes);
      return true;
    }
  }
  std::string& body = outcome_.response.body;
  if (bytes.size() > request_.max_body - std::min(body.size(), request_.max_body)) {
    stop_ = Stop::BodyTooLarge;
    return false;
  }
  body.append(bytes);
  return true;
}

void CurlExchange::end(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  outcome_.response.status = static_cast<int>(status);
  ended_ = true;
  outcome_.elapsed =
      std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started_);
  if (code == CURLE_OK) return;
  HttpFailure failure = failure_of(code, error_.data());
  if (stop_ == Stop::BodyTooLarge || stop_ == Stop::HeadersTooLarge)
    failure = HttpFailure::TooLarge;
  outcome_.failure = failure;
  outcome_.detail = detail_of(code, failure);
}

void CurlExchange::fail_with(HttpFailure failure, std::string detail) {
  ended_ = true;
  outcome_.failure = failure;
  outcome_.detail = std::move(detail);
  outcome_.elapsed =
      std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started_);
}

void CurlExchange::go_silent() {
  end(CURLE_OPERATION_TIMEDOUT);
  outcome_.detail =
      target_.address() + " has sent nothing for " + to_short_text(Millis(request_.timeout));
}

void CurlExchange::cancel() {
  chunk_.clear();
  if (!ended_) fail_with(HttpFailure::Cancelled, "given up by the operator itself");
}

std::string CurlExchange::detail_of(CURLcode code, HttpFailure failure) const {
  const std::string where = target_.address();
  switch (stop_) {
    case Stop::None:
      break;
    case Stop::BodyTooLarge:
      return "the answer of " + where + " is longer than " + std::to_string(request_.max_body) +
             " bytes";
    case Stop::HeadersTooLarge:
      return "the headers of " + where + " are longer than " + std::to_string(kMaxHeaderBytes) +
             " bytes";
    case Stop::WouldRepeat:
      return where + " closed the connection without an answer; " + request_.method +
             " is not sent a second time";
  }
  const char* reason = error_.front() != '\0' ? error_.data() : curl_easy_strerror(code);
  switch (failure) {
    case HttpFailure::Refused:
      return "could not connect to " + where + ": " + reason;
    case HttpFailure::Timeout:
      return (sent_ ? "no whole answer from " : "could not connect to ") + where + " within " +
             to_short_text(outcome_.elapsed);
    case HttpFailure::Tls:
      return "no trusted connection to " + where + ": " + reason;
    case HttpFailure::Reset:
    case HttpFailure::TooLarge:
    case HttpFailure::Cancelled:
    case HttpFailure::Unsupported:
      break;
  }
  return where + ": " + reason;
}

}  // namespace raycord

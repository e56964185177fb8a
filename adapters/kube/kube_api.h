// KubeApi builds requests to the API server and reads what is common to its answers.
//
//   KubeApi api("https://10.0.0.1:6443", credentials);
//   transport.start(api.request("GET", api_path(Kind::Pod, "default", "x"), now), listener);

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http/transport.h"
#include "adapters/kube/credentials.h"
#include "core/ids.h"
#include "core/time.h"
#include "formats/http.h"

namespace raycord {

class KubeApi {
 public:
  // `server` without a slash at its end; empty: paths are sent as they are (the embedded cluster).
  KubeApi(std::string server, std::shared_ptr<Credentials> credentials);

  // With the credentials' headers; where they have none the request goes without and gets a 401.
  HttpRequest request(std::string method, std::string_view path, Time now) const;

  // Every answer passes here once: a 401 makes the credentials renew themselves.
  void note_answer(const HttpOutcome& outcome) const;

 private:
  std::string server_;
  std::shared_ptr<Credentials> credentials_;
};

// "/apis/ray.io/v1/namespaces/default/rayservices/llm"; `ns` empty: of all namespaces; `name`
// empty: the collection.
std::string api_path(Kind kind, std::string_view ns, std::string_view name);

// The query that narrows lists and watches of `kind` to what concerns us; may be empty.
// "labelSelector=ray.io%2Fnode-type%20in%20%28head%2Cworker%29"
std::string selector_query(Kind kind);

bool is_success(const HttpOutcome& outcome);

// The wait that an answer asks for, by header or in its Status; zero: none.
Millis retry_after(const HttpOutcome& outcome);

// What to tell people about an answer that is no success: the Status's message, the failure's
// detail, or the status code with the beginning of the body; one line, cut to kServerMessageMax.
std::string message_of(const HttpOutcome& outcome);

// One line of at most `max` bytes, never cut inside a character.
std::string short_line(std::string_view text, std::size_t max);

}  // namespace raycord

// WriteOrder = a decision's write as it goes out: built, with its preconditions in the body.

#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/ids.h"

namespace raycord {

// What a write to the API server is, as far as its answer is read differently.
enum class KubeVerb : std::uint8_t {
  Create,  // POST to the collection.
  Change,  // PUT or PATCH of the object.
  Status,  // PUT or PATCH of its status: the answer is not news, only its version is.
  Delete,
};

struct KubeWrite {
  KubeVerb verb = KubeVerb::Create;
  std::string method;  // POST, PUT, PATCH or DELETE.
  std::string path;    // "/api/v1/namespaces/default/pods", with a query where one is needed.
  std::string content_type = "application/json";
  std::string body;
  ObjectName object;
  std::string uid;  // Of the object that is changed; empty for a creation.
};

// PUT of a Serve config.
struct ServePut {
  std::string ns;
  std::string cluster;
  std::string address;  // IP of the head pod.
  std::int32_t port = 8265;
  std::int32_t agent_port = 52365;
  bool to_agent = false;  // Known to be the way; else it is tried where the dashboard says 404.
  std::string head_pod;   // Their names, for the way through the API server.
  std::string head_service;
  std::string token_secret;  // Empty: no token.
  std::string body;          // The config as JSON.
};

struct WriteOrder {
  Seq decided;
  std::variant<KubeWrite, ServePut> write;
};

}  // namespace raycord

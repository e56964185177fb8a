// ReadOnlyTransport lets GETs through and nothing else: whoever has only this cannot change
// anything, whatever he is made of.
//
//   ReadOnlyTransport reading(transport);
//   KubeKind kind(Kind::Pod, {}, api, reading);

#pragma once

#include "adapters/http/transport.h"

namespace raycord {

class ReadOnlyTransport final : public HttpTransport {
 public:
  explicit ReadOnlyTransport(HttpTransport& transport) : transport_(transport) {}

  // Another method than GET is a broken invariant of the caller; nothing of it leaves.
  std::uint64_t start(HttpRequest request, HttpListener& listener) override;
  void cancel(std::uint64_t id) override { transport_.cancel(id); }

 private:
  HttpTransport& transport_;
};

}  // namespace raycord

// KubeWriter sends writes to the API server and says what became of them.
//
// Each write ends as one WriteDone, right after the facts that its answer shows. What was sent and
// not answered is Unknown; nothing is sent twice. Whether a creation that met an existing object
// was our own doing is looked up: the object's intent says which log made it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "adapters/write_order.h"
#include "core/fact.h"
#include "core/report.h"

namespace raycord {

class KubeWriter final : public HttpListener {
 public:
  KubeWriter(const KubeApi& api, HttpTransport& transport, std::string log_id);
  ~KubeWriter() override;
  KubeWriter(const KubeWriter&) = delete;
  KubeWriter& operator=(const KubeWriter&) = delete;

  void send(Seq decided, KubeWrite write, Time now);

  std::size_t in_flight() const { return under_way_.size(); }
  std::vector<Report> take_reports();

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  struct UnderWay {
    Seq decided;
    KubeWrite write;
    Hash sent;
    bool is_look = false;  // The creation met an object, and this reads it.
    Time at{};
  };

  static bool is_secret(const UnderWay& under_way);
  void answer(UnderWay& under_way, const HttpOutcome& outcome);
  void accept(const UnderWay& under_way, const HttpOutcome& outcome);
  void accept_delete(const UnderWay& under_way, const HttpOutcome& outcome);
  void look(UnderWay under_way);
  void settle_look(const UnderWay& under_way, const HttpOutcome& outcome);
  void finish(const UnderWay& under_way, WriteResult result, const HttpOutcome& outcome,
              std::uint64_t version = 0);
  void finish(const UnderWay& under_way, WriteDone done);
  bool see(const UnderWay& under_way, const std::string& json);
  void report_gone(const UnderWay& under_way, std::uint64_t version);

  const KubeApi& api_;
  HttpTransport& transport_;
  std::string intent_prefix_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::vector<Report> reports_;
};

// What an answer that is no success says about a write.
WriteResult result_of(const HttpOutcome& outcome);

}  // namespace raycord

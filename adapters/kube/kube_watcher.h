// KubeWatcher lists and watches one kind in one namespace (or all) over HTTP.
//
// The protocol is core/watch; here calls become requests, and bytes become facts. Nothing is
// repeated here, and no message from outside can do more than make an Unreadable fact.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "core/watch.h"
#include "formats/kube_list.h"

namespace raycord {

class KubeWatcher final : public HttpListener {
 public:
  KubeWatcher(Kind kind, std::string ns, const KubeApi& api, HttpTransport& transport);
  ~KubeWatcher() override;
  KubeWatcher(const KubeWatcher&) = delete;
  KubeWatcher& operator=(const KubeWatcher&) = delete;

  void begin(std::uint64_t resume, Seq asked) { watch_.begin(resume, asked); }
  void ask_barrier(Seq asked) { watch_.ask_barrier(asked); }
  void note_newest(Seq newest) { watch_.note_newest(newest); }

  // Makes the calls that are due. `crowded`: the loop is behind, so the stream is cut and no call
  // is made.
  void tick(Time now, bool crowded);
  Time next_wake() const { return watch_.next_wake(); }

  std::vector<Observation> take_observations() { return watch_.take_observations(); }
  const Watch& watch() const { return watch_; }
  // "watch Pod default"
  const std::string& where() const { return where_; }

  void on_chunk(std::uint64_t id, std::string_view bytes) override;
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  void make(const WatchCall& call);
  HttpRequest list_request(std::uint32_t limit, const std::string& page) const;
  HttpRequest stream_request(const StreamCall& call) const;
  std::string collection_url(std::string query) const;

  void finish_list(const HttpOutcome& outcome);
  void finish_peek(const HttpOutcome& outcome);
  void finish_stream(const HttpOutcome& outcome);
  void take_line(std::string_view line);
  WatchLine read_object(WatchEventType type, std::string raw) const;
  WatchLine read_deleted(const std::string& raw) const;
  ListedItem read_item(std::string raw) const;
  bool is_routing() const;
  bool is_ours(const ObjectHead& head) const;
  Unreadable unreadable(const std::string& where, const std::string& why,
                        std::string_view bytes) const;

  Kind kind_;
  std::string ns_;
  std::string where_;
  const KubeApi& api_;
  HttpTransport& transport_;
  Watch watch_;
  Time now_{};

  std::uint64_t list_ = 0;  // Exchanges under way; 0: none.
  std::uint64_t peek_ = 0;
  std::uint64_t stream_ = 0;
  std::string line_;  // Of the stream, as far as it has come.
  std::uint64_t line_size_ = 0;
};

}  // namespace raycord

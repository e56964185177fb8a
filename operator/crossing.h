// Crossing is all that passes between net and loop: what was observed one way, orders the other,
// and the newest of what either side shows the other.
//
// Both queues are bounded in bytes, and nobody ever waits at them. Whoever fills one asks for room
// first: net takes less in from the watches, the loop keeps its writes. What is under way when a
// queue becomes full still fits, so a little more than the bound may wait.
//
// Net and loop may be two threads, or one that takes turns; it is the same code in either case.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/kube/kube_events.h"
#include "adapters/write_order.h"
#include "core/observation.h"
#include "core/time.h"
#include "core/wanted.h"

namespace raycord {

// What net hands over at once, in order.
struct Batch {
  Time at{};  // No turn that takes it in is earlier.
  std::vector<Observation> observations;
};

// Carry out nothing after this; give leadership away once the writes under way have ended.
struct StopOrder {};

using Order = std::variant<WriteOrder, EventPost, StopOrder>;

// What net shows to whoever asks how it gets on.
struct NetView {
  Time may_write_until{Time::min()};  // Without another renewal of the Lease.
  std::size_t writes_in_flight = 0;
  std::uint64_t announced = 0;
  std::uint64_t unannounced = 0;
  std::vector<std::string> troubles;
  bool stopped = false;  // As ordered; nothing more comes from it.
};

class Crossing {
 public:
  // Called when there is something for that side to look at, from the thread of the other. To be
  // set before there are two.
  void on_news(std::function<void()> for_net, std::function<void()> for_loop);

  // --- Net's side ---

  void report(Batch batch);
  // Not taken by the loop yet. Above kObservedBytesMax watches are cut.
  std::size_t reported_bytes() const;
  std::optional<Order> next_order();
  // Once each; only the newest is kept.
  std::optional<Wanted> next_wanted();
  void show(NetView view);

  // --- The loop's side ---

  // The oldest that wait, at least one and not much more than kTakenBytes, so that the loop looks
  // at its log now and then.
  std::vector<Batch> take_batches();
  bool has_batches() const;
  bool has_room() const;  // For orders.
  void order(Order order);
  void want(Wanted wanted);
  NetView net() const;

 private:
  template <class Item>
  struct Queue {
    struct Entry {
      Item item;
      std::size_t bytes = 0;
    };
    std::deque<Entry> entries;
    std::size_t bytes = 0;

    void push(Item item, std::size_t its_bytes) {
      bytes += its_bytes;
      entries.push_back({std::move(item), its_bytes});
    }
    Item pop() {
      Entry entry = std::move(entries.front());
      entries.pop_front();
      bytes -= entry.bytes;
      return std::move(entry.item);
    }
  };

  mutable std::mutex mutex_;
  Queue<Batch> batches_;
  Queue<Order> orders_;
  std::optional<Wanted> wanted_;
  NetView net_;
  std::function<void()> wake_net_;
  std::function<void()> wake_loop_;
};

}  // namespace raycord

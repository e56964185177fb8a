#include "operator/crossing.h"

#include <utility>

#include "adapters/limits.h"
#include "core/overloaded.h"
#include "operator/limits.h"

namespace raycord {
namespace {

std::size_t bytes_of(const Batch& batch) {
  std::size_t bytes = sizeof(Batch);
  for (const Observation& observation : batch.observations) bytes += bytes_of(observation);
  return bytes;
}

std::size_t bytes_of(const WriteOrder& order) {
  return std::visit([](const auto& write) { return sizeof(WriteOrder) + write.body.size(); },
                    order.write);
}

std::size_t bytes_of(const Order& order) {
  return std::visit(Overloaded{
                        [](const WriteOrder& write) { return bytes_of(write); },
                        [](const EventPost& post) { return sizeof(EventPost) + post.body.size(); },
                        [](const StopOrder&) { return sizeof(StopOrder); },
                    },
                    order);
}

void call(const std::function<void()>& wake) {
  if (wake) wake();
}

}  // namespace

void Crossing::on_news(std::function<void()> for_net, std::function<void()> for_loop) {
  wake_net_ = std::move(for_net);
  wake_loop_ = std::move(for_loop);
}

void Crossing::report(Batch batch) {
  const std::size_t bytes = bytes_of(batch);
  {
    const std::lock_guard lock(mutex_);
    batches_.push(std::move(batch), bytes);
  }
  call(wake_loop_);
}

std::size_t Crossing::reported_bytes() const {
  const std::lock_guard lock(mutex_);
  return batches_.bytes;
}

std::optional<Order> Crossing::next_order() {
  std::optional<Order> next;
  bool made_room = false;
  {
    const std::lock_guard lock(mutex_);
    if (orders_.entries.empty()) return std::nullopt;
    const bool was_full = orders_.bytes > kOrderBytesMax;
    next = orders_.pop();
    made_room = was_full && orders_.bytes <= kOrderBytesMax;
  }
  if (made_room) call(wake_loop_);
  return next;
}

std::optional<Wanted> Crossing::next_wanted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(wanted_, std::nullopt);
}

void Crossing::show(NetView view) {
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    ends = view.stopped && !net_.stopped;
    net_ = std::move(view);
  }
  if (ends) call(wake_loop_);
}

std::vector<Batch> Crossing::take_batches() {
  std::vector<Batch> taken;
  bool made_room = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t before = batches_.bytes;
    while (!batches_.entries.empty() && before - batches_.bytes < kTakenBytes) {
      taken.push_back(batches_.pop());
    }
    made_room = before > kObservedBytesMax && batches_.bytes <= kObservedBytesMax;
  }
  if (made_room) call(wake_net_);
  return taken;
}

bool Crossing::has_batches() const {
  const std::lock_guard lock(mutex_);
  return !batches_.entries.empty();
}

bool Crossing::has_room() const {
  const std::lock_guard lock(mutex_);
  return orders_.bytes <= kOrderBytesMax;
}

void Crossing::order(Order order) {
  const std::size_t bytes = bytes_of(order);
  {
    const std::lock_guard lock(mutex_);
    orders_.push(std::move(order), bytes);
  }
  call(wake_net_);
}

void Crossing::want(Wanted wanted) {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(wanted);
  }
  call(wake_net_);
}

NetView Crossing::net() const {
  const std::lock_guard lock(mutex_);
  return net_;
}

}  // namespace raycord

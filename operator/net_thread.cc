#include "operator/net_thread.h"

#include <utility>

#include "operator/limits.h"
#include "operator/waker.h"

namespace raycord {

NetThread::NetThread(Means means)
    : means_(std::move(means)), turned_at_(means_.clock.now()), thread_([this] { run(); }) {}

NetThread::~NetThread() { join(); }

void NetThread::join() {
  if (!thread_.joinable()) return;
  ending_ = true;
  means_.transport.wake();
  thread_.join();
}

void NetThread::end() {
  join();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void NetThread::run() {
  try {
    while (!ending_) turn();
  } catch (...) {
    failure_ = std::current_exception();
    failed_ = true;
    means_.failed();
  }
}

void NetThread::turn() {
  means_.transport.poll(wait_until(means_.net.next_wake(), means_.clock.now()));
  means_.prepare();
  note_gaps(means_.clock.now());
  while (!ending_ && means_.net.obey(means_.clock.now())) {
  }
  means_.net.tick(means_.clock.now());
  means_.board.beat(Beating::Net);
}

// What was not seen while the process stood still is no evidence of anything.
void NetThread::note_gaps(Time now) {
  if (now > turned_at_ + kPauseNoticed) {
    means_.net.report({Gap{turned_at_, now, GapCause::Pause}, ""});
  }
  if (means_.clock.take_step()) means_.net.report({Gap{now, now, GapCause::ClockStep}, ""});
  turned_at_ = now;
}

}  // namespace raycord

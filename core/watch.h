// Watch is the list/watch protocol of one kind in one namespace (or all), as a state machine
// without IO: results of calls go in, facts and the next call come out.
//
//   phase     wants                     and then
//   Empty     the first page of a list  -> Listing
//   Listing   the next page             last page -> Listed; token expired -> Empty
//   Listed    a watch from the version  -> Watching
//   Watching  nothing                   ended -> Listed; 410 or an unreadable line -> Empty
//   Away      a first page, rarely      403, 404 bring here from anywhere; a page -> Listing
//
// What keeps stale data from deleting things:
//  - Lists are consistent reads, and count only when complete at one version.
//  - Absence from a list at version L is a deletion only of what is believed at L or before. What
//    is believed is not known here: a complete list says what it showed (core/observation.h).
//  - Losing the right to look, or the kind itself, is LeftScope; nothing is gone by that.
//  - A consistent read that is older than what was seen, twice in a row, is WorldRestored. So that
//    this shows, each new stream comes with a peek: a list of one object, for its version.
//
// A barrier ("the state as of now, or later") is a peek, then waiting until the stream has passed
// its version. An idle stream may show nothing for a minute, and the API server's versions rise
// with every kind's writes; so after kBarrierPatience a complete list answers, though lists for
// barriers follow each other no faster than kBarrierListEvery.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/fact.h"
#include "core/ids.h"
#include "core/observation.h"
#include "core/time.h"

namespace raycord {

inline constexpr std::uint32_t kListPage = 500;   // What the ecosystem asks for at once.
inline constexpr std::uint32_t kListPageCut = 4;  // A page too large to take is cut by this.
// The server ends a stream after this time; a new one may land on a less busy API server.
inline constexpr Millis kStreamTime{290'000};
inline constexpr Millis kBarrierPatience{500};
inline constexpr Millis kBarrierListEvery{10'000};  // Doubts come in crowds when servers are ill.
// Waits after failures, doubling; the API server drops load at 429 and 5xx for seconds.
inline constexpr Millis kCallBackOffFirst{500};
inline constexpr Millis kCallBackOffMax{30'000};
// A stream that lived this long was well: its end is no failure.
inline constexpr Millis kStreamWell{10'000};
// Rights and CRDs come by hand; people who just gave them wait for this.
inline constexpr Millis kAwayRetry{15'000};
// Between the two looks that make WorldRestored.
inline constexpr Millis kRestoredRecheck{1'000};
// How far the stream has come is reported at least this often, so that a restart resumes there.
inline constexpr Millis kProgressEvery{60'000};

// --- Results of calls ---

struct ListedItem {
  ObjectName name;  // Of what the fact is about; name.name empty: not even that could be read.
  Fact fact;        // ObjectSeen or Unreadable.
  std::string raw;
};

struct ListedPage {
  std::uint64_t version = 0;  // Of the list; the same on all its pages.
  std::string next_page;      // Token; empty on the last page.
  std::vector<ListedItem> items;
};

struct LineObject {
  std::uint64_t version = 0;
  Fact fact;  // ObjectSeen, ObjectGone, or Unreadable for an object that could not be sliced.
  std::string raw;
};
// A bookmark, or an object that is none of ours and never was.
struct LinePassed {
  std::uint64_t version = 0;
};
// An object that is none of ours; perhaps it was.
struct LineNotOurs {
  std::uint64_t version = 0;
  ObjectGone gone;
};
struct LineError {
  int code = 0;  // Of the Status, e.g. 410.
  std::string message;
};
struct LineGarbage {
  Unreadable fact;
};
using WatchLine = std::variant<LineObject, LinePassed, LineNotOurs, LineError, LineGarbage>;

enum class CallTrouble : std::uint8_t {
  Ended,     // A stream came to its orderly end.
  NoAnswer,  // No connection, or it broke, or it was silent for too long.
  TooLarge,  // The answer is longer than we take.
  Status,    // An HTTP status outside 2xx.
  Crowded,   // We cut the stream ourselves: the loop is behind.
};

struct CallFailure {
  CallTrouble trouble = CallTrouble::NoAnswer;
  int status = 0;
  Millis retry_after{0};
  std::string message;
};

// --- Calls ---

struct ListCall {
  std::string page;  // Token; empty: the first page.
  std::uint32_t limit = kListPage;
};
// A consistent list of one object, for its version.
struct PeekCall {};
struct StreamCall {
  std::uint64_t from = 0;
  Millis time{0};  // The server is to end it after this.
};
// The stream is to be closed; no on_line or on_stream_ended for it any more.
struct CutCall {};
using WatchCall = std::variant<ListCall, PeekCall, StreamCall, CutCall>;

enum class WatchPhase : std::uint8_t { Empty, Listing, Listed, Watching, Away };

class Watch {
 public:
  Watch(Kind kind, std::string ns);

  // `resume`: version that the log's newest KindListed or KindCaughtUp of the kind names, 0 to
  // list. Answered by KindListed or KindCaughtUp with at least `asked`.
  void begin(std::uint64_t resume, Seq asked);

  // The state as of now or later, please. Asking again for the same changes nothing.
  void ask_barrier(Seq asked);

  // Newest event folded: what lists that start from now on are said to be asked after.
  void note_newest(Seq newest);

  // The call to be made now, or nothing. To be asked until it gives nothing.
  std::optional<WatchCall> next_call(Time now);
  // When next_call() may have something without any result coming in; Time::max(): never.
  Time next_wake() const;

  void on_page(Time now, ListedPage page);
  void on_page_unreadable(Time now, Unreadable fact);
  void on_list_failed(Time now, const CallFailure& failure);
  void on_peek(Time now, std::uint64_t version);
  void on_peek_failed(Time now, const CallFailure& failure);
  void on_line(Time now, WatchLine line);
  void on_stream_ended(Time now, const CallFailure& failure);

  std::vector<Observation> take_observations();

  WatchPhase phase() const { return phase_; }
  std::uint64_t position() const { return position_; }
  // Why it does not get on, for people; empty: it does.
  const std::string& trouble() const { return trouble_; }

 private:
  // A version that the stream has to pass, for whom, and since when we wait.
  struct Passing {
    std::uint64_t version = 0;
    Seq asked;
    Time since{};
  };

  void report(Fact fact, std::string raw = {});
  bool accept_version(Time now, std::uint64_t version);
  void finish_list(Time now);
  void pass(Time now, std::uint64_t version);
  void pass_by(Time now, std::uint64_t version);
  void fail_line(Time now, const LineError& error);
  void start_over(Time not_before);
  void leave_scope(Time now, const CallFailure& failure);
  void back_off(Time now, const CallFailure& failure);
  void shrink_page(Time now, const CallFailure& failure);
  Time barrier_list_at() const;
  void suspect(Time now);
  void cut_stream();
  void succeed();
  bool wants_peek() const;
  StreamCall next_stream(Time now);
  ListCall next_list();

  Kind kind_;
  std::string ns_;

  WatchPhase phase_ = WatchPhase::Empty;
  std::uint64_t position_ = 0;  // Newest version that a list or the stream has shown.
  Time not_before_{};           // Of the next list or stream.
  std::uint32_t failures_ = 0;  // In a row.
  std::string trouble_;
  std::string left_scope_;    // As reported; empty: not away.
  Time progress_at_{};        // Of the last KindListed or KindCaughtUp.
  Time barrier_listed_at_{};  // Of the last list made for a barrier.
  Seq newest_;

  // The list under way.
  bool list_in_flight_ = false;
  std::string page_;
  std::uint32_t limit_ = kListPage;
  std::uint64_t list_version_ = 0;
  Seq list_asked_;
  std::vector<ObjectName> present_;
  bool doubtful_ = false;    // Something could not even be named: absence proves nothing.
  bool restored_ = false;    // The next complete list is the first of a restored world.
  bool suspicious_ = false;  // The last consistent read was older than what was seen.

  // The stream.
  bool stream_open_ = false;
  bool cut_ = false;  // It is still to be closed.
  Time opened_at_{};

  // Peeks and barriers.
  bool peek_due_ = false;  // For a new stream.
  bool peek_in_flight_ = false;
  Time peek_not_before_{};
  std::uint64_t peek_floor_ = 0;  // position_ when the peek was made.
  std::uint32_t peek_failures_ = 0;
  Seq peek_asked_;  // What the peek in flight is for; zero: the stream only.
  Seq asked_;       // Newest barrier wanted.
  Seq answered_;    // Newest barrier answered.
  std::optional<Passing> passing_;

  std::vector<Observation> observations_;
};

}  // namespace raycord

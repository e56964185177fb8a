// What identifies a log, and a place in it: log id, sequence number, running hash.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace raycord {

// Random, given at creation. An event is written "<short form>:<seq>" outside the process.
struct LogId {
  std::array<std::uint8_t, 16> bytes{};

  // Five letters without vowels and look-alikes, such as "k7xqd".
  std::string short_form() const;
  std::string hex() const;

  friend bool operator==(const LogId&, const LogId&) = default;
};

// The first 16 bytes of SHA-256 over the chain before a frame and the frame itself.
struct Chain {
  std::array<std::uint8_t, 16> bytes{};

  std::string hex() const;
  static std::optional<Chain> from_hex(std::string_view text);

  friend bool operator==(const Chain&, const Chain&) = default;
};

// The end of a frame: its last event, and the running hash after it. Empty log: 0 and the hash of
// the log id. Outside the volume (in the Lease) it is the witness of what was synced.
struct LogMark {
  std::uint64_t seq = 0;
  Chain chain;

  friend bool operator==(const LogMark&, const LogMark&) = default;
};

}  // namespace raycord

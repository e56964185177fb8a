// Pseudo-random numbers of the sandbox: the same seed gives the same names and ids on every
// machine.

#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace raycord {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  // SplitMix64.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

  // A version 4 UUID.
  std::string uid() {
    const std::uint64_t high = next();
    const std::uint64_t low = next();
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx",
                  static_cast<unsigned>(high >> 32), static_cast<unsigned>((high >> 16) & 0xffff),
                  static_cast<unsigned>(high & 0xfff),
                  static_cast<unsigned>(((low >> 48) & 0x3fff) | 0x8000),
                  static_cast<unsigned long long>(low & 0xffffffffffffULL));
    return text;
  }

  // The five characters that the API server appends to generateName.
  std::string name_suffix() {
    static constexpr char kAlphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    std::string suffix;
    for (int i = 0; i < 5; ++i) suffix += kAlphabet[below(sizeof kAlphabet - 1)];
    return suffix;
  }

 private:
  std::uint64_t state_;
};

}  // namespace raycord

// Chance that is the same on every machine and with every standard library: SplitMix64 (Steele,
// Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#pragma once

#include <cstddef>
#include <cstdint>

#include "remediator/core/time.hpp"

namespace fieldmedic::core::sim {

class Rng {
 public:
  // `stream` keeps apart what must not disturb each other under one seed.
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(seed ^ (stream * 0xD1B5'4A32'D192'ED03ULL)) {
    (void)next();
  }

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBULL;
    return z ^ (z >> 31U);
  }
  // 0 … n-1, for n > 0. The bias of the remainder does not matter here.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  Duration between(Duration low, Duration high) {
    return low + Duration(static_cast<Duration::rep>(
                     below(static_cast<std::uint64_t>((high - low).count()) + 1)));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace fieldmedic::core::sim

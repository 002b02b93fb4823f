// When to try again what failed: doubling, capped, spread out by a seed instead of by chance.
#pragma once

#include <algorithm>
#include <cstdint>

#include "remediator/core/time.hpp"

namespace fieldmedic::core {

struct Backoff {
  Duration first{1'000};
  Duration most{300'000};
};

// first × 2^tries, at most `most`, less up to a quarter that depends on `seed` alone.
[[nodiscard]] constexpr Duration backoff_delay(Backoff backoff, std::uint32_t tries,
                                               std::uint64_t seed) {
  Duration delay = backoff.first;
  for (std::uint32_t i = 0; i < tries && delay < backoff.most; ++i) delay *= 2;
  delay = std::min(delay, backoff.most);
  const std::uint64_t mixed = (seed + tries) * 0x9E37'79B9'7F4A'7C15ULL;
  const auto spread = static_cast<Duration::rep>(mixed >> 56U);  // 0 … 255
  return delay - delay * spread / 1024;
}

}  // namespace fieldmedic::core

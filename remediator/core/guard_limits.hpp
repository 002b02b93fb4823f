// Caps on what may be under repair at once.
#pragma once

#include <algorithm>

namespace fieldmedic::core {

// A count, or a share of a group's or the fleet's inventory in percent.
struct Share {
  enum class Kind { Count, Percent };
  Kind kind = Kind::Count;
  int value = 1;

  friend bool operator==(const Share&, const Share&) = default;
};

// max(1, floor(share × size)) (S9); the size is the inventory's, not what answers.
[[nodiscard]] constexpr int limit_of(Share share, int size) {
  switch (share.kind) {
    case Share::Kind::Count: return std::max(1, share.value);
    case Share::Kind::Percent: return std::max(1, share.value * size / 100);
  }
  return 1;
}

// Incidents with an action applied and not yet verified, at most.
struct GuardLimits {
  Share in_flight_host{Share::Kind::Count, 1};
  Share in_flight_group{Share::Kind::Percent, 10};
  Share in_flight_fleet{Share::Kind::Count, 20};

  friend bool operator==(const GuardLimits&, const GuardLimits&) = default;
};

}  // namespace fieldmedic::core

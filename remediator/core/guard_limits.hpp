// Caps on what may be under repair at once, and on what may fail.
#pragma once

#include <algorithm>
#include <optional>

#include "remediator/core/time.hpp"

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

// When repairs stop until a person closes the breaker (S11): distinct targets on which the repair
// did not help, of one playbook in one group, and of the whole fleet.
struct Breaker {
  int targets = 3;
  int fleet_targets = 10;
  Duration within{3'600'000};

  friend bool operator==(const Breaker&, const Breaker&) = default;
};

// Incidents with an action applied and not yet verified, at most.
struct GuardLimits {
  Share in_flight_host{Share::Kind::Count, 1};
  Share in_flight_group{Share::Kind::Percent, 10};
  Share in_flight_fleet{Share::Kind::Count, 20};
  Breaker breaker;
  std::optional<Share> min_healthy{};    // of the group, to be left by an action; rounded up
  std::optional<Share> max_unhealthy{};  // of the group; more is a storm

  friend bool operator==(const GuardLimits&, const GuardLimits&) = default;
};

}  // namespace fieldmedic::core

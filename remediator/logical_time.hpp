// The engine's time: as the wall clock says at the start, then steady; never back, over restarts
// too (S8).
#pragma once

#include <algorithm>

#include "common/clock.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic {

// Not thread-safe.
class LogicalTime {
 public:
  // Starts at the wall time, or at `not_before` (the last recorded event) when the wall clock lags.
  LogicalTime(const Clock& clock, core::Time not_before)
      : clock_(clock),
        base_(std::max(clock.wall(), not_before)),
        boot_base_(clock.boot().since_boot),
        asleep_(asleep()) {}

  // Goes on with the time since boot (suspend counts), so that a step of the wall clock fires
  // nothing.
  [[nodiscard]] core::Time now() const {
    return base_ + std::max(core::Duration{0}, clock_.boot().since_boot - boot_base_);
  }

  // How long the machine slept since this was last asked; 0: it did not. The steady clock stands
  // while it sleeps, the time since boot goes on.
  [[nodiscard]] core::Duration slept() {
    const auto by = asleep() - asleep_;
    if (by < kNoticed) return core::Duration{0};
    asleep_ += by;
    return by;
  }

 private:
  // Less is no sleep: the two clocks are not read at one moment.
  static constexpr std::chrono::milliseconds kNoticed{1'000};

  [[nodiscard]] std::chrono::milliseconds asleep() const {
    return clock_.boot().since_boot -
           std::chrono::floor<std::chrono::milliseconds>(clock_.steady().time_since_epoch());
  }

  const Clock& clock_;
  core::Time base_;
  std::chrono::milliseconds boot_base_;
  std::chrono::milliseconds asleep_;
};

}  // namespace fieldmedic

// A clock that moves when told.
#pragma once

#include <mutex>

#include "common/clock.hpp"

namespace fieldmedic {

// Thread-safe.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override {
    const std::lock_guard lock(mutex_);
    return SteadyTime(since_start_);
  }
  [[nodiscard]] WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return WallTime(std::chrono::milliseconds(1'795'000'000'000) + since_start_ + asleep_ +
                    wall_jump_);
  }
  [[nodiscard]] BootTime boot() const override {
    const std::lock_guard lock(mutex_);
    return {"test-boot", since_start_ + asleep_};
  }
  void advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    since_start_ += by;
  }
  // The machine sleeps: only the steady clock stands.
  void suspend(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    asleep_ += by;
  }
  void jump_wall(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    wall_jump_ += by;
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::milliseconds since_start_{1'000'000};
  std::chrono::milliseconds asleep_{0};
  std::chrono::milliseconds wall_jump_{0};
};

}  // namespace fieldmedic

// Letting time pass, until the program stops.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace fieldmedic {

// Thread-safe.
class Pause {
 public:
  // Returns after this time, or at once when end() was or is called.
  void wait(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    ended_changed_.wait_for(lock, time, [this] { return ended_; });
  }
  // For good.
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    ended_changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
};

}  // namespace fieldmedic

// How many requests are handled at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace fieldmedic {

// Thread-safe.
class HandlerTurns {
 public:
  // Given back at its end. False: there was none in time.
  class Turn {
   public:
    explicit Turn(HandlerTurns* from) : from_(from) {}
    Turn(Turn&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (from_ != nullptr) from_->give_back();
    }
    explicit operator bool() const { return from_ != nullptr; }

   private:
    HandlerTurns* from_;
  };

  explicit HandlerTurns(int turns) : free_(turns) {}

  [[nodiscard]] Turn take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const bool got = freed_.wait_for(lock, patience, [this] { return free_ > 0; });
    if (got) --free_;
    return Turn(got ? this : nullptr);
  }

 private:
  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  int free_;  // guarded
};

}  // namespace fieldmedic

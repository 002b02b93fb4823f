// At most so many in any stretch of time.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "common/clock.hpp"

namespace fieldmedic {

// Remembers when each was taken, so no window of that length ever holds more than `most`. Not
// thread-safe.
class SlidingWindow {
 public:
  SlidingWindow(std::size_t most, std::chrono::milliseconds length)
      : most_(most), length_(length) {}

  // Takes `count` (at most `most`) together and answers zero; or takes none and answers how long
  // to wait before they fit.
  [[nodiscard]] std::chrono::milliseconds take(std::size_t count, SteadyTime now) {
    while (!taken_.empty() && taken_.front() + length_ <= now) taken_.pop_front();
    if (taken_.size() + count > most_) {
      const SteadyTime last_in_the_way = taken_[taken_.size() + count - most_ - 1];
      return std::chrono::ceil<std::chrono::milliseconds>(last_in_the_way + length_ - now);
    }
    taken_.insert(taken_.end(), count, now);
    return std::chrono::milliseconds(0);
  }

 private:
  std::size_t most_;
  std::chrono::milliseconds length_;
  std::deque<SteadyTime> taken_;
};

}  // namespace fieldmedic

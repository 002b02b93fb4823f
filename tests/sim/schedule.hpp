// Virtual time: what happens next. Time is that since boot, a suspend included.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "remediator/core/time.hpp"

namespace fieldmedic::core::sim {

// Of the same moment, what was said first happens first.
class Schedule {
 public:
  using Happening = std::function<void()>;

  void after(Duration delay, Happening what) {
    queue_.push({now_ + delay, ++order_, std::move(what)});
  }
  [[nodiscard]] Duration now() const { return now_; }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] Duration next() const { return queue_.top().at; }
  void advance_to(Duration time) {
    if (time > now_) now_ = time;
  }
  // Takes the next one out; not empty.
  [[nodiscard]] Happening take() {
    Happening what = queue_.top().what;
    queue_.pop();
    return what;
  }

 private:
  struct Entry {
    Duration at;
    std::uint64_t order;
    Happening what;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return std::pair(a.at, a.order) > std::pair(b.at, b.order);
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, Later> queue_;
  Duration now_{1'000'000};
  std::uint64_t order_ = 0;
};

}  // namespace fieldmedic::core::sim

// How many requests are handled at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
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

  // In the order in which they are asked for: else a storm of webhooks, each of which waits for the
  // disk, would keep a person's question out for as long as it lasts.
  [[nodiscard]] Turn take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (free_ > 0 && line_.empty()) {
      --free_;
      return Turn(this);
    }
    Waiting self;
    const auto place = line_.insert(line_.end(), &self);
    if (self.called.wait_for(lock, patience, [&self] { return self.has_turn; })) return Turn(this);
    line_.erase(place);
    return Turn(nullptr);
  }

  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return line_.size();
  }

 private:
  struct Waiting {
    std::condition_variable called;
    bool has_turn = false;
  };

  void give_back() {
    const std::lock_guard lock(mutex_);
    if (line_.empty()) {
      ++free_;
      return;
    }
    line_.front()->has_turn = true;  // it cannot go away before the lock is ours no more
    line_.front()->called.notify_one();
    line_.pop_front();
  }

  mutable std::mutex mutex_;
  int free_;                  // guarded; 0 while somebody waits
  std::list<Waiting*> line_;  // guarded; the one that waits longest first
};

}  // namespace fieldmedic

// When the engine has time for what can wait: a snapshot of a large state holds up everybody, so it
// is not taken between two commits of a storm.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "common/clock.hpp"

namespace fieldmedic {

// Not thread-safe: the engine's thread owns it.
class Lull {
 public:
  static constexpr std::chrono::milliseconds kQuiet{200};  // without a commit
  // As many events do not wait for it any longer: a start has to read them all.
  static constexpr std::size_t kEventsMost = 100'000;

  void committed(std::size_t events, SteadyTime now) {
    events_ += events;
    from_ = now + kQuiet;
  }
  void used() { events_ = 0; }

  [[nodiscard]] bool is_now(SteadyTime now) const { return now >= from_ || events_ >= kEventsMost; }
  // When it begins if nothing more is committed; nullopt: nothing was since it was last used.
  [[nodiscard]] std::optional<SteadyTime> begins() const {
    return events_ > 0 ? std::optional(from_) : std::nullopt;
  }

 private:
  std::size_t events_ = 0;  // since it was last used
  SteadyTime from_{};
};

}  // namespace fieldmedic

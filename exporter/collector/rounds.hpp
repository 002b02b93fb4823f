// Several things done again and again in the background, a few at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>

#include "common/clock.hpp"

namespace fieldmedic {

// Thread-safe.
class Rounds {
 public:
  static constexpr std::size_t kMostAtOnce = 8;
  // What it uses must be its own, since it may outlive the Rounds.
  using Work = std::function<void(std::stop_token)>;

  // `clock` must live as long as the program.
  explicit Rounds(const Clock& clock);
  // Tells what is under way to stop and waits for none: what hangs is left alone.
  ~Rounds();
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // Done at once, and then every `interval` from beginning to beginning; never twice at the same
  // time. min(kMostAtOnce, what was added) threads do it all.
  void add(std::chrono::milliseconds interval, Work work);

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;
};

}  // namespace fieldmedic

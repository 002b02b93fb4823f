// Waits for something to become true, with a deadline: the only way a test may wait.
#pragma once

#include <poll.h>

#include <chrono>

namespace fieldmedic {

// Asks every 5 ms until `condition` holds or `within` has passed; answers whether it held. The time
// is that of a slow machine with other tests beside this one: it is spent only where a test fails.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition,
                              std::chrono::milliseconds within = std::chrono::seconds(60)) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

}  // namespace fieldmedic

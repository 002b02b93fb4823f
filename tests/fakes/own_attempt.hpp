// The id of an attempt that no other test has. Attempts are told from each other by the environment
// of what they started, on the whole host: two tests that run at once must not share one.
#pragma once

#include <unistd.h>

#include <string>

namespace fieldmedic {

inline std::string own_attempt(int number = 1) {
  return "test-" + std::to_string(getpid()) + "-" + std::to_string(number);
}

}  // namespace fieldmedic

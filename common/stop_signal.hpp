// Turns SIGTERM, SIGINT and SIGHUP into values that one thread waits for.
#pragma once

#include <chrono>

namespace fieldmedic {

enum class Signal { None, Stop, Reload };

// Construct before any other thread starts: the signals are blocked in the constructing thread and
// in every thread that it creates later, and SIGPIPE is ignored. wait() may be called from one
// thread.
class StopSignal {
 public:
  StopSignal();
  // The next signal, or None when `timeout` has passed.
  [[nodiscard]] Signal wait(std::chrono::milliseconds timeout);
};

}  // namespace fieldmedic

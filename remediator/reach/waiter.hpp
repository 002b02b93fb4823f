// Waits for descriptors until a deadline passes or a stop is requested. The deadline is a timer of
// the kernel's (timerfd_create(2)), so that nobody here reads a clock.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Not thread-safe; the stop may be requested from any thread.
class Waiter {
 public:
  enum class Woke {
    Ready,     // a descriptor is ready, or the pause is over
    Deadline,  // the time given at start has passed
    Stopped,
  };

  // The deadline counts from here. Errc::Io: out of descriptors.
  [[nodiscard]] static Result<Waiter> start(std::chrono::milliseconds timeout,
                                            const std::stop_token& stop);

  // Fills revents. At most 64 descriptors; more are not waited for.
  [[nodiscard]] Woke wait(std::span<pollfd> descriptors) const;
  [[nodiscard]] Woke pause(std::chrono::milliseconds time) const;

 private:
  using StopCallback = std::stop_callback<std::function<void()>>;

  [[nodiscard]] Woke poll_until(std::span<pollfd> descriptors, int timeout_ms) const;

  FileDescriptor timer_;
  FileDescriptor stopped_;  // outlives the callback that writes to it
  std::unique_ptr<StopCallback> on_stop_;
};

}  // namespace fieldmedic

#include "remediator/reach/waiter.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace fieldmedic {

namespace {
constexpr std::size_t kMostDescriptors = 64;
}  // namespace

Result<Waiter> Waiter::start(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  Waiter waiter;
  waiter.timer_ = FileDescriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  waiter.stopped_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!waiter.timer_ || !waiter.stopped_) return fail(Errc::Io, "no descriptor left to wait with");
  // Zero would mean "no deadline" to the kernel.
  const auto bounded = std::max(timeout, std::chrono::milliseconds(1));
  itimerspec at{};
  at.it_value.tv_sec = std::chrono::floor<std::chrono::seconds>(bounded).count();
  at.it_value.tv_nsec = (bounded % std::chrono::seconds(1)).count() * 1'000'000;
  if (timerfd_settime(waiter.timer_.get(), 0, &at, nullptr) != 0)
    return fail(Errc::Io, "cannot set a timer");
  waiter.on_stop_ = std::make_unique<StopCallback>(stop, [fd = waiter.stopped_.get()] {
    // Cannot fail: the counter holds 2^64 - 2 and is written once.
    [[maybe_unused]] const int written = eventfd_write(fd, 1);
  });
  return waiter;
}

Waiter::Woke Waiter::wait(std::span<pollfd> descriptors) const {
  return poll_until(descriptors, -1);
}

Waiter::Woke Waiter::pause(std::chrono::milliseconds time) const {
  return poll_until(
      {}, static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(time.count(), 0, 3'600'000)));
}

Waiter::Woke Waiter::poll_until(std::span<pollfd> descriptors, int timeout_ms) const {
  const std::size_t count = std::min(descriptors.size(), kMostDescriptors);
  std::array<pollfd, kMostDescriptors + 2> polled{};
  for (;;) {
    std::copy_n(descriptors.begin(), count, polled.begin());
    polled[count] = {stopped_.get(), POLLIN, 0};
    polled[count + 1] = {timer_.get(), POLLIN, 0};
    const int ready = poll(polled.data(), static_cast<nfds_t>(count + 2), timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    std::copy_n(polled.begin(), count, descriptors.begin());
    if (polled[count].revents != 0) return Woke::Stopped;
    for (std::size_t i = 0; i < count; ++i)
      if (polled[i].revents != 0) return Woke::Ready;
    if (polled[count + 1].revents != 0 || ready < 0) return Woke::Deadline;
    return Woke::Ready;
  }
}

}  // namespace fieldmedic

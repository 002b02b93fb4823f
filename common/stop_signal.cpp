#include "common/stop_signal.hpp"

#include <signal.h>

#include <algorithm>

namespace fieldmedic {
namespace {

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of its write, not our end
}

Signal StopSignal::wait(std::chrono::milliseconds timeout) {
  const auto left = std::max(timeout, std::chrono::milliseconds(0));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
  const sigset_t set = awaited_signals();
  switch (sigtimedwait(&set, nullptr, &limit)) {
    case SIGTERM:
    case SIGINT: return Signal::Stop;
    case SIGHUP: return Signal::Reload;
    default: return Signal::None;  // the timeout, or a debugger's interruption
  }
}

}  // namespace fieldmedic

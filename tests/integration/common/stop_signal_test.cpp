#include "common/stop_signal.hpp"

#include <signal.h>

#include "tests/catch.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

TEST_CASE("stop signal: signals become values and nothing pending is none") {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const auto old_pipe = signal(SIGPIPE, SIG_DFL);
  StopSignal signals;
  CHECK(signals.wait(0ms) == Signal::None);
  CHECK(signals.wait(-5ms) == Signal::None);
  for (const auto& [number, want] :
       {std::pair{SIGTERM, Signal::Stop}, {SIGINT, Signal::Stop}, {SIGHUP, Signal::Reload}}) {
    pthread_kill(pthread_self(), number);
    CHECK(signals.wait(20s) == want);
  }
  CHECK(signals.wait(1ms) == Signal::None);
  CHECK(signal(SIGPIPE, old_pipe) == SIG_IGN);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

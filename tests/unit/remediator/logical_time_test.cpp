// Logical time goes on with the time since boot; a sleep of the machine is noticed, once.
#include "remediator/logical_time.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/manual_clock.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

TEST_CASE("a sleep is noticed once and counted by logical time") {
  ManualClock clock;
  LogicalTime time(clock, core::Time{});
  const core::Time begin = time.now();
  clock.advance(1h);
  CHECK(time.slept() == 0ms);
  clock.suspend(10min);
  CHECK(time.slept() == 10min);
  CHECK(time.slept() == 0ms);
  CHECK(time.now() == begin + 1h + 10min);
  clock.suspend(999ms);
  CHECK(time.slept() == 0ms);
  clock.suspend(1ms);
  CHECK(time.slept() == 1s);
}

TEST_CASE("a step of the wall clock moves nothing") {
  ManualClock clock;
  LogicalTime time(clock, core::Time{});
  const core::Time begin = time.now();
  clock.jump_wall(-48h);
  CHECK(time.now() == begin);
  CHECK(time.slept() == 0ms);
}

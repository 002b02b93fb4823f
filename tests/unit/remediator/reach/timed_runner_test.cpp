#include "remediator/reach/timed_runner.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

using namespace std::chrono_literals;

TEST_CASE("commands that have a time together get no more than what is left of it") {
  struct Case {
    std::chrono::milliseconds passed;
    std::chrono::milliseconds asked;
    std::chrono::milliseconds got;  // zero: it is not run
  };
  const Case cases[] = {{0s, 10s, 10s},       {0s, 40s, 30s}, {25s, 10s, 5s}, {20s, 10s, 10s},
                        {29'999ms, 10s, 1ms}, {30s, 10s, 0s}, {45s, 10s, 0s}};
  for (const Case& c : cases) {
    INFO(c.passed.count() << " ms have passed");
    ManualClock clock;
    const auto inner = std::make_shared<FakeRunner>();
    TimedRunner runner(inner, clock, clock.steady() + 30s);
    clock.advance(c.passed);
    Command command;
    command.argv = {"/bin/true"};
    command.timeout = c.asked;
    const auto ran = runner.run(command, {});
    CHECK(ran.has_value() == (c.got > 0s));
    if (!ran) CHECK(ran.error().code == Errc::Full);
    REQUIRE(inner->calls().size() == (ran ? 1 : 0));
    if (ran) CHECK(inner->calls()[0].timeout == c.got);
  }
}

}  // namespace fieldmedic

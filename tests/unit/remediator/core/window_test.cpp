// Windows of time, and that nothing is done inside.
#include "remediator/core/window.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic::core;

namespace {

constexpr std::size_t kSunday = 6;
// 1795000000 s are Wednesday, 2026-11-18; that midnight:
constexpr Time kWednesday{std::chrono::seconds(1'794'960'000)};

Window weekly(std::initializer_list<std::size_t> days, Duration from, Duration to) {
  Weekly when{{}, from, to};
  for (const std::size_t day : days) when.days.set(day);
  return {"release", {"all"}, when};
}

}  // namespace

TEST_CASE("a window is open from its begin until before its end") {
  const Window once{"move", {"all"}, Once{kWednesday, kWednesday + 1h}};
  CHECK_FALSE(inside_until(once, kWednesday - 1ms));
  CHECK(inside_until(once, kWednesday) == kWednesday + 1h);
  CHECK(inside_until(once, kWednesday + 1h - 1ms) == kWednesday + 1h);
  CHECK_FALSE(inside_until(once, kWednesday + 1h));
}

TEST_CASE("a weekly window is open on its days only") {
  const Window window = weekly({2}, 18h, 20h);
  CHECK_FALSE(inside_until(window, kWednesday + 18h - 1ms));
  CHECK(inside_until(window, kWednesday + 18h) == kWednesday + 20h);
  CHECK_FALSE(inside_until(window, kWednesday + 20h));
  CHECK_FALSE(inside_until(window, kWednesday + 24h + 19h));
  CHECK(inside_until(window, kWednesday + 7 * 24h + 19h) == kWednesday + 7 * 24h + 20h);
}

TEST_CASE("a weekly window may reach over midnight, also from Sunday to Monday") {
  const Window window = weekly({kSunday}, 22h, 2h);
  const Time sunday = kWednesday + 4 * 24h;
  CHECK(inside_until(window, sunday + 23h) == sunday + 26h);
  CHECK(inside_until(window, sunday + 25h) == sunday + 26h);
  CHECK_FALSE(inside_until(window, sunday + 26h));
  CHECK_FALSE(inside_until(window, sunday + 1h));  // of the day before, which is none of its days
}

TEST_CASE("from and to alike are a whole day") {
  const Window window = weekly({2}, 6h, 6h);
  CHECK(inside_until(window, kWednesday + 29h) == kWednesday + 30h);
}

TEST_CASE("nothing is done inside a window of the incident's scopes") {
  for (const char* scope : {"all", "group/g", "host/h1", "playbook/collector-down"}) {
    DYNAMIC_SECTION(scope) {
      Scenario s;
      s.policy.windows = {{"move", {"host/h9", scope}, Once{s.now, s.now + 10min}}};
      s.fire();
      s.fail_checks(1);
      REQUIRE(s.phase(1) == Phase::Waiting);
      CHECK(s.state.find(1)->refused_by == "window");
      CHECK(s.due<Wake>() == s.now + 10min);
      s.wait(10min);
      s.timer(1);
      CHECK(s.phase(1) == Phase::Diagnosing);
    }
  }
}

TEST_CASE("a window of other scopes holds nothing") {
  Scenario s;
  s.policy.windows = {{"move", {"host/h2", "group/other"}, Once{s.now, s.now + 10min}}};
  s.fire();
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Planning);
}

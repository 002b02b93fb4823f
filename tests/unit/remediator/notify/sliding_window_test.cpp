#include "remediator/notify/sliding_window.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a sliding window gives out no more than it may in any stretch of time") {
  SlidingWindow window(3, 60s);
  const SteadyTime start{};
  CHECK(window.take(1, start) == 0ms);
  CHECK(window.take(2, start + 10s) == 0ms);
  CHECK(window.take(1, start + 59'999ms) == 1ms);  // until the first is out
  CHECK(window.take(2, start + 59'999ms) == 10'001ms);
  CHECK(window.take(1, start + 60s) == 0ms);
  CHECK(window.take(1, start + 60s) == 10s);
  CHECK(window.take(3, start + 70s) == 50s);
  CHECK(window.take(3, start + 120s) == 0ms);
}

TEST_CASE("a refused take uses nothing up") {
  SlidingWindow window(2, 1s);
  const SteadyTime start{};
  CHECK(window.take(1, start) == 0ms);
  for (int i = 0; i < 100; ++i) CHECK(window.take(2, start) == 1s);
  CHECK(window.take(1, start) == 0ms);
}

}  // namespace
}  // namespace fieldmedic

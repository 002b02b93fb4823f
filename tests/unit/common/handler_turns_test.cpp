#include "common/handler_turns.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

TEST_CASE("handler turns: so many at once, and who comes too late gets none") {
  HandlerTurns turns(2);
  const auto one = turns.take(0ms);
  std::optional<HandlerTurns::Turn> two(turns.take(0ms));
  CHECK(one);
  CHECK(*two);
  CHECK_FALSE(turns.take(0ms));
  CHECK_FALSE(turns.take(1ms));
  two.reset();
  CHECK(turns.take(0ms));  // who gave up holds no place in the line
}

TEST_CASE("handler turns: they are given in the order in which they are asked for") {
  constexpr int kWaiting = 8;
  HandlerTurns turns(1);
  std::optional<HandlerTurns::Turn> held(turns.take(0ms));
  std::vector<int> served;  // by whoever has the turn
  std::vector<std::jthread> threads;
  for (int n = 0; n < kWaiting; ++n) {
    threads.emplace_back([&turns, &served, n] {
      const auto turn = turns.take(60s);
      if (turn) served.push_back(n);
    });
    REQUIRE(eventually([&] { return turns.waiting() == static_cast<std::size_t>(n + 1); }));
  }
  held.reset();
  // A newcomer, again and again, passes none of them.
  for (bool mine = false; !mine;) {
    const auto turn = turns.take(60s);
    mine = turn && served.size() == kWaiting;
    CHECK(mine);
  }
  threads.clear();
  CHECK(served == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
}

}  // namespace
}  // namespace fieldmedic

// The pool ends in time also when what it runs does not.
#include "remediator/worker_pool.hpp"

#include <atomic>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

TEST_CASE("settle tells apart what stops when told and what hangs") {
  const SystemClock clock;
  std::atomic<bool> release = false;
  std::atomic<bool> running = false;
  std::atomic<bool> ran_late = false;
  WorkerPool pool(2);
  pool.submit([&](const std::stop_token& stop) {
    running = true;
    while (!release) std::this_thread::yield();  // deaf, as one that hangs in the kernel
    CHECK(stop.stop_requested());
  });
  REQUIRE(eventually([&] { return running.load(); }));
  CHECK_FALSE(pool.settle(clock.steady()));
  pool.submit([&](const std::stop_token&) { ran_late = true; });
  release = true;
  CHECK(pool.settle(clock.steady() + 20s));
  CHECK_FALSE(ran_late);
}

TEST_CASE("a pool that did nothing is settled at once") {
  WorkerPool pool(2);
  CHECK(pool.settle(SystemClock().steady()));
}

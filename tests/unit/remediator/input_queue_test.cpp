#include "remediator/input_queue.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

IntakeItem batch(std::size_t alerts) {
  IntakeItem item;
  item.batch.alerts.resize(alerts);
  return item;
}

}  // namespace

TEST_CASE("the queue takes alerts up to its bound and a large batch while nothing else waits") {
  InputQueue queue(10);
  auto ten = batch(10);
  auto one = batch(1);
  CHECK(queue.push_intake(ten));
  CHECK_FALSE(queue.push_intake(one));
  CHECK(queue.take(100, std::nullopt).size() == 1);
  auto thousand = batch(1000);
  CHECK(queue.push_intake(thousand));
}

TEST_CASE("results of effects are taken however many alerts wait") {
  InputQueue queue(1);
  auto one = batch(1);
  REQUIRE(queue.push_intake(one));
  CHECK(queue.push(core::Input{core::Resume{}}));
  CHECK(queue.length() == 2);
}

TEST_CASE("a closed queue gives what waits and takes nothing more") {
  InputQueue queue(10);
  REQUIRE(queue.push(core::Input{core::Resume{}}));
  queue.close();
  CHECK_FALSE(queue.push(core::Input{core::Resume{}}));
  auto one = batch(1);
  CHECK_FALSE(queue.push_intake(one));
  CHECK(queue.take(100, std::nullopt).size() == 1);
  CHECK(queue.take(100, std::nullopt).empty());
}

TEST_CASE("what is under way goes before new alerts, which get some room all the same") {
  constexpr std::size_t kMost = 64;
  InputQueue queue(100);
  for (int n = 0; n < 3; ++n) {
    auto one = batch(1);
    REQUIRE(queue.push_intake(one));
  }
  for (std::size_t n = 0; n < kMost; ++n) REQUIRE(queue.push(core::Input{core::Resume{}}));
  const auto is_intake = [](const Item& item) { return std::holds_alternative<IntakeItem>(item); };

  auto taken = queue.take(kMost, std::nullopt);
  REQUIRE(taken.size() == kMost);  // full, so that no timer goes before the result that waits
  CHECK(std::ranges::count_if(taken, is_intake) == 1);
  CHECK(is_intake(taken.back()));

  taken = queue.take(kMost, std::nullopt);
  CHECK(std::ranges::count_if(taken, is_intake) == 1);
  CHECK(taken.size() == 2);
  taken = queue.take(kMost, std::nullopt);
  CHECK(std::ranges::count_if(taken, is_intake) == 1);
  CHECK(queue.length() == 0);
}

TEST_CASE("without alerts results fill all the room, and without results alerts get it") {
  constexpr std::size_t kMost = 64;
  InputQueue queue(100);
  for (std::size_t n = 0; n <= kMost; ++n) REQUIRE(queue.push(core::Input{core::Resume{}}));
  CHECK(queue.take(kMost, std::nullopt).size() == kMost);
  CHECK(queue.take(kMost, std::nullopt).size() == 1);
  for (int n = 0; n < 3; ++n) {
    auto one = batch(1);
    REQUIRE(queue.push_intake(one));
  }
  CHECK(queue.take(kMost, std::nullopt).size() == 2);  // each counts as half of it
  CHECK(queue.take(kMost, std::nullopt).size() == 1);
}

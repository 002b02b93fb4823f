#include "remediator/input_queue.hpp"

#include <algorithm>
#include <vector>

#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

IntakeItem batch(std::size_t alerts) {
  IntakeItem item;
  item.batch.alerts.resize(alerts);
  return item;
}

std::size_t intakes_in(const std::vector<Item>& taken) {
  return static_cast<std::size_t>(std::ranges::count_if(
      taken, [](const Item& item) { return std::holds_alternative<IntakeItem>(item); }));
}

// Of each webhook that was taken, in order, how many alerts it brought.
std::vector<std::size_t> sizes_of(const std::vector<Item>& taken) {
  std::vector<std::size_t> sizes;
  for (const Item& item : taken)
    if (const auto* intake = std::get_if<IntakeItem>(&item))
      sizes.push_back(intake->batch.alerts.size());
  return sizes;
}

void push_intakes(InputQueue& queue, const std::vector<std::size_t>& sizes) {
  for (const std::size_t size : sizes) {
    auto one = batch(size);
    REQUIRE(queue.push_intake(one));
  }
}

void push_results(InputQueue& queue, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) REQUIRE(queue.push(core::Input{core::Resume{}}));
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
  InputQueue queue(1'000);
  push_intakes(queue, {50, 50, 50});
  push_results(queue, kMost);

  auto taken = queue.take(kMost, std::nullopt);
  REQUIRE(taken.size() == kMost);  // full, so that no timer goes before the result that waits
  CHECK(intakes_in(taken) == 1);
  CHECK(std::holds_alternative<IntakeItem>(taken.back()));

  taken = queue.take(kMost, std::nullopt);
  CHECK(intakes_in(taken) == 2);
  CHECK(taken.size() == 3);
  CHECK(queue.length() == 0);
}

TEST_CASE("a small webhook does not wait behind those of a storm, and a large one not for ever") {
  constexpr std::size_t kMost = 64;
  InputQueue queue(1'000);
  push_intakes(queue, {50, 60, 1, 70, 2});
  push_results(queue, kMost);
  CHECK(sizes_of(queue.take(kMost, std::nullopt)) == std::vector<std::size_t>{50, 1, 2});
  push_results(queue, kMost);
  push_intakes(queue, {3});
  CHECK(sizes_of(queue.take(kMost, std::nullopt)) == std::vector<std::size_t>{60, 3});
  CHECK(sizes_of(queue.take(kMost, std::nullopt)) == std::vector<std::size_t>{70});
  CHECK(queue.length() == 0);
  auto thousand = batch(1'000);  // all of the room is there again
  CHECK(queue.push_intake(thousand));
}

TEST_CASE("small webhooks too are taken only so many at once while results wait") {
  constexpr std::size_t kMost = 64;
  InputQueue queue(1'000);
  push_intakes(queue, std::vector<std::size_t>(40, 1));
  push_results(queue, kMost);
  CHECK(intakes_in(queue.take(kMost, std::nullopt)) == 17);  // the first, and 16 alerts
}

TEST_CASE("without alerts results fill all the room, and without results alerts get it") {
  constexpr std::size_t kMost = 64;
  InputQueue queue(1'000);
  push_results(queue, kMost + 1);
  CHECK(queue.take(kMost, std::nullopt).size() == kMost);
  CHECK(queue.take(kMost, std::nullopt).size() == 1);
  push_intakes(queue, {50, 50, 50, 50});
  // The first, and twice as many alerts as results would have had room.
  CHECK(sizes_of(queue.take(kMost, std::nullopt)) == std::vector<std::size_t>{50, 50, 50});
  CHECK(sizes_of(queue.take(kMost, std::nullopt)) == std::vector<std::size_t>{50});
}

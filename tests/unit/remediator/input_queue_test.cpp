#include "remediator/input_queue.hpp"

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

#include "exporter/files/under_way.hpp"

#include "exporter/files/file_limits.hpp"
#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

using Verdict = UnderWay::Verdict;

FileRequest statfs_of(std::string path) {
  return {.verb = FileVerb::Statfs, .path = std::move(path)};
}

// Requests that never answer.
void fill(UnderWay& under_way, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    under_way.add({.request = statfs_of("/hangs/" + std::to_string(i))});
  }
}

}  // namespace

TEST_CASE("under way: the same question waits for its answer and a given up one hangs") {
  UnderWay under_way;
  Batch batch;
  const auto number = under_way.add({.request = statfs_of("/a"), .batch = &batch});
  CHECK(under_way.judge(statfs_of("/a")) == Verdict::Wait);
  CHECK(under_way.judge(statfs_of("/b")) == Verdict::Send);
  CHECK(under_way.judge({.verb = FileVerb::Stat, .path = "/a"}) == Verdict::Send);
  under_way.abandon(batch);
  CHECK(under_way.judge(statfs_of("/a")) == Verdict::Hangs);
  const auto taken = under_way.take(number);
  REQUIRE(taken);
  CHECK(taken->batch == nullptr);
  CHECK(under_way.judge(statfs_of("/a")) == Verdict::Send);
}

TEST_CASE("under way: an answer that nobody asked for is nobody's") {
  UnderWay under_way;
  CHECK_FALSE(under_way.take(1));
  const auto number = under_way.add({.request = statfs_of("/a")});
  CHECK(under_way.take(number));
  CHECK_FALSE(under_way.take(number));
}

TEST_CASE("under way: however many paths hang a path that answered is asked") {
  UnderWay under_way;
  under_way.take(under_way.add({.request = statfs_of("/well")}));
  fill(under_way, kMostUnderWay - kReserved);
  CHECK(under_way.judge(statfs_of("/new")) == Verdict::Wait);
  CHECK(under_way.judge(statfs_of("/well")) == Verdict::Send);
}

TEST_CASE("under way: what was asked and has not answered since is trusted no more") {
  UnderWay under_way;
  under_way.take(under_way.add({.request = statfs_of("/turns")}));
  const auto number = under_way.add({.request = statfs_of("/turns")});
  under_way.take_all();
  CHECK_FALSE(under_way.take(number));
  fill(under_way, kMostUnderWay - kReserved);
  CHECK(under_way.judge(statfs_of("/turns")) == Verdict::Wait);
}

TEST_CASE("under way: there is an end to it") {
  UnderWay under_way;
  under_way.take(under_way.add({.request = statfs_of("/well")}));
  fill(under_way, kMostUnderWay);
  CHECK(under_way.judge(statfs_of("/well")) == Verdict::Wait);
}

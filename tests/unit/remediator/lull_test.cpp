#include "remediator/lull.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

constexpr SteadyTime kNow{std::chrono::hours(1)};
constexpr std::chrono::milliseconds kMoment{1};

TEST_CASE("a lull begins when nothing was committed for a while, and each commit puts it off") {
  Lull lull;
  CHECK(lull.is_now(kNow));
  CHECK_FALSE(lull.begins());
  lull.committed(1, kNow);
  CHECK_FALSE(lull.is_now(kNow + Lull::kQuiet - kMoment));
  CHECK(lull.is_now(kNow + Lull::kQuiet));
  CHECK(lull.begins() == kNow + Lull::kQuiet);
  lull.committed(1, kNow + Lull::kQuiet);
  CHECK_FALSE(lull.is_now(kNow + Lull::kQuiet));
  lull.used();
  CHECK_FALSE(lull.begins());
}

TEST_CASE("a load without a pause is held up when a start would have to read too much") {
  Lull lull;
  lull.committed(Lull::kEventsMost - 1, kNow);
  CHECK_FALSE(lull.is_now(kNow));
  lull.committed(1, kNow);
  CHECK(lull.is_now(kNow));
  lull.used();
  CHECK_FALSE(lull.is_now(kNow));
  lull.committed(1, kNow);
  CHECK_FALSE(lull.is_now(kNow));
}

}  // namespace
}  // namespace fieldmedic

#include "remediator/actions/change_time.hpp"

#include <algorithm>

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLeast{1'000};  // less is no time for a change
constexpr seconds kSlack{10};          // for what the server does at the end of its time

}  // namespace

milliseconds time_for_change(WallTime planned_at, WallTime now, milliseconds timeout) {
  const auto left = std::chrono::duration_cast<milliseconds>(planned_at + kLatestChange - now);
  const milliseconds time = std::min({timeout, left, milliseconds(kLatestChange)});
  return time < kLeast ? milliseconds{0} : time;
}

bool may_still_come(WallTime planned_at, WallTime now) {
  return now < planned_at + kLatestChange + kSlack;
}

}  // namespace fieldmedic

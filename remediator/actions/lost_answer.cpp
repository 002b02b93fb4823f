#include "remediator/actions/lost_answer.hpp"

#include <chrono>

#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOnItsWay{2'000};
constexpr milliseconds kLookEvery{100};

}  // namespace

void wait_for_order(const std::function<bool()>& came, const std::stop_token& stop) {
  const auto waiter = Waiter::start(kOnItsWay, stop);
  if (!waiter) return;
  while (!came() && waiter->pause(kLookEvery) == Waiter::Woke::Ready) continue;
}

}  // namespace fieldmedic

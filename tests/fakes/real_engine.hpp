// What the tests of actions on real container engines share.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "remediator/actions/action.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/docker_host.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"

namespace fieldmedic {

inline const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}

// A `Lab` with a DockerHost `docker`. None where the machine has no engine; the reason is printed.
template <class Lab, class... Arguments>
[[nodiscard]] std::unique_ptr<Lab> docker_lab(Arguments&&... arguments) {
  if (const auto why = DockerHost::why_not(); !why.empty()) {
    puts(("SKIP: " + why).c_str());
    return nullptr;
  }
  auto made = std::make_unique<Lab>(std::forward<Arguments>(arguments)...);
  if (made->docker.up) return made;
  puts(("SKIP: no Docker Engine starts here: " + made->docker.said).c_str());
  return nullptr;
}

// All of its steps, each done and confirmed; what the confirmations leave for an undo goes to
// `left`.
inline void carry_out(Action& action, const core::Plan& plan, std::vector<std::string>& left) {
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    INFO(plan.steps[step].name);
    const ApplyRequest request{own_attempt(), kOrders, plan, step, std::chrono::seconds(60)};
    const auto applied = action.apply(request, {});
    INFO(applied.evidence);
    REQUIRE(applied.outcome == core::Applied::Done);
    ConfirmAnswer answer;
    const bool confirmed = eventually([&] {
      answer = action.confirm(request, {});
      return answer.answer == core::Confirmed::Applied;
    });
    INFO(answer.evidence);
    REQUIRE(confirmed);
    if (!answer.left.empty()) left.push_back(answer.left);
  }
}

}  // namespace fieldmedic

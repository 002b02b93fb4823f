// process_restart on a host over SSH: the same plan, steps and refusals as here, by commands over
// there. Internal to actions/.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

struct FarRestart {
  const FarHost& host;
  const CollectorSpec& collector;
  std::vector<std::string> clear{};
  std::chrono::milliseconds start_timeout{10'000};
};

// As Action::plan.
[[nodiscard]] Result<core::Plan> plan_far_restart(const FarRestart& restart,
                                                  const PlanRequest& request,
                                                  const std::stop_token& stop);

}  // namespace fieldmedic

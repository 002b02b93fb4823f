// The one step of a scale-out of an Auto Scaling group, as it is journaled. Internal to actions/.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/core/plan.hpp"

namespace fieldmedic {

struct AwsScaleStep {
  std::string group{};
  std::string region{};
  std::int64_t from = 0;
  std::int64_t to = 0;
  WallTime planned_at{};
};

[[nodiscard]] core::Step written(const AwsScaleStep& step);
// Errc::Invalid: it is none.
[[nodiscard]] Result<AwsScaleStep> read_aws_scale_step(const core::Step& step);

// How long a change of this plan may take from `now` on: at most `timeout`; none when its time is
// over, half a minute after the plan.
[[nodiscard]] std::chrono::milliseconds time_for_change(const AwsScaleStep& step, WallTime now,
                                                        std::chrono::milliseconds timeout);
// Whether a request that was sent for it is likely still on its way.
[[nodiscard]] bool may_still_come(const AwsScaleStep& step, WallTime now);
// Whether AWS would take it, however late: its signature holds for five minutes, and the clocks may
// differ by as much.
[[nodiscard]] bool signature_may_hold(const AwsScaleStep& step, WallTime now);

}  // namespace fieldmedic

// The one step of a scale-out of an Auto Scaling group, as it is journaled. Internal to actions/.
#pragma once

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

// Whether AWS would take it, however late (change_time.hpp says until when it may be sent): its
// signature holds for five minutes, and the clocks may differ by as much.
[[nodiscard]] bool signature_may_hold(const AwsScaleStep& step, WallTime now);

}  // namespace fieldmedic

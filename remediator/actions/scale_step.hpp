// The steps of a scale-out and of its undo, as they are journaled. Internal to actions/.
//
// seen    {"id": "85ce…", "running": 1}      id: what the instance was then, empty: it was not
// wanted  {"instance": "orders@2.service", "state": "running", "count": 2}
// wanted  {"instance": "orders@2.service", "state": "stopped"}
// Those of containers also "made" and "gone", and have "at": milliseconds since 1970.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/actions/scale_choice.hpp"
#include "remediator/core/plan.hpp"

namespace fieldmedic {

enum class InstanceIsTo { BeMade, Run, Stop, BeGone };

[[nodiscard]] constexpr std::string_view to_string(InstanceIsTo is_to) {
  switch (is_to) {
    case InstanceIsTo::BeMade: return "made";
    case InstanceIsTo::Run: return "running";
    case InstanceIsTo::Stop: return "stopped";
    case InstanceIsTo::BeGone: return "gone";
  }
  return "invalid";
}

struct ScaleStep {
  std::string instance;
  std::string id{};
  InstanceIsTo is_to = InstanceIsTo::Run;
  int running = 0;  // of one more: how many ran
  int count = 0;    // of one more: how many are to run, at the most
  WallTime planned_at{};

  [[nodiscard]] bool one_more() const {
    return is_to == InstanceIsTo::BeMade || is_to == InstanceIsTo::Run;
  }
};

[[nodiscard]] core::Step written(const ScaleStep& step, std::string name);
// Errc::Invalid: it is none.
[[nodiscard]] Result<ScaleStep> read_scale_step(const core::Step& step);

// What plans of scale_out with this lease's resource chose.
[[nodiscard]] std::vector<ScaleChoice> begun_in(std::span<const core::Plan> made,
                                                const std::string& resource);

// By which the undo knows again what was started (ConfirmAnswer::left).
struct StartedInstance {
  std::string instance;
  std::string id;              // new with every start
  std::uint32_t restarts = 0;  // by its supervisor, so far
};

[[nodiscard]] std::string written(const StartedInstance& started);
// The last that was said of it; what cannot be read says nothing.
[[nodiscard]] std::optional<StartedInstance> started_instance(std::span<const std::string> left,
                                                              const std::string& instance);

}  // namespace fieldmedic

// The steps of a scale-out and of its undo, as they are journaled. Internal to actions/.
//
// seen    {"id": "85ce…", "running": 1}      id: what the instance was then, empty: it was not
// wanted  {"instance": "orders@2.service", "state": "running", "count": 2}
// wanted  {"instance": "orders@2.service", "state": "stopped"}
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/actions/scale_choice.hpp"
#include "remediator/core/plan.hpp"

namespace fieldmedic {

enum class InstanceIsTo { Run, Stop };

struct ScaleStep {
  std::string instance;
  std::string id{};
  InstanceIsTo is_to = InstanceIsTo::Run;
  int running = 0;  // of Run: how many ran
  int count = 0;    // of Run: how many are to run, at the most
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

// An action that is made of others: each of its stages is one of them. Internal to actions/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/core/playbook.hpp"

namespace fieldmedic {

struct Stage {
  std::string on;  // the host where it is done; empty: where the remediator runs
  core::Spec action;
};

// A step of a stage as journaled, taken out of the plan that it is a part of.
struct StageStep {
  std::string stage;  // "promote"
  std::string extra;  // JSON, what the whole keeps beside it; empty: nothing
  core::Plan plan;    // of the stage alone, as its action made it
  std::size_t step = 0;
};

// {on: HOST, NAME: {arguments}} under `key`, recording every error; none when it is not there. Only
// actions whose arguments say all that they touch can be stages.
[[nodiscard]] std::optional<Stage> read_stage(const YamlMap& map, std::string_view key);

// The action of a stage, to be asked about stage_target(). Errc::Invalid when it cannot be one.
[[nodiscard]] Result<std::unique_ptr<Action>> make_stage(const Stage& stage,
                                                         const ActionTools& tools);
// Errc::NotFound: nobody declares the host that it is to be done on.
[[nodiscard]] Result<core::Target> stage_target(const Stage& stage, const core::Target& target,
                                                const Inventory& inventory);

// Appends the steps and resources of a plan of `stage`, which is called `name`.
void append_stage(core::Plan& whole, std::string_view name, const Stage& stage,
                  const core::Plan& part, const std::string& extra = {});

// Errc::Invalid: the step was not made by append_stage.
[[nodiscard]] Result<StageStep> stage_step(const core::Plan& whole, std::size_t step);
// The whole of one stage, as its action made it; no steps: it has none.
[[nodiscard]] Result<core::Plan> stage_plan(const core::Plan& whole, std::string_view stage);

// Attempts of two stages are looked up apart.
[[nodiscard]] core::AttemptId stage_attempt(const core::AttemptId& attempt, std::string_view stage);

}  // namespace fieldmedic

#include "remediator/actions/stages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/actions.hpp"
#include "remediator/actions/data_divert.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 5> kStageActions{"data_divert", "exec", "haproxy_drain",
                                                        "http", "systemd_restart"};
constexpr std::string_view kOn = "on";
constexpr std::string_view kAfterStage = ": ";

bool can_be_stage(std::string_view action) {
  return std::ranges::find(kStageActions, action) != kStageActions.end();
}

// Nobody's hosts: all that is done with it is done here.
std::shared_ptr<const Inventory> no_hosts() {
  static const auto empty = std::make_shared<const Inventory>();
  return empty;
}

// A key is set within seconds of its plan, and a link is a collector's: a stage has neither.
void check_divert(const YamlMap& written, const Stage& stage) {
  const bool by_file = divert_way(stage.action.arguments) == DivertWay::File;
  if (!by_file)
    written.error(stage.action.type, "'data_divert' is a part of another action by 'file' only");
  if (by_file && stage.action.arguments.find(R"("signal":0)") == std::string::npos)
    written.error(stage.action.type,
                  "the collector's process is not known here: it wants 'reload'");
  if (!stage.on.empty())
    written.error(kOn, "the file of 'data_divert' is replaced where the remediator runs");
}

}  // namespace

std::optional<Stage> read_stage(const YamlMap& map, std::string_view key) {
  if (!map.has(key)) return std::nullopt;
  const YamlMap written = map.map(key);
  Stage stage{written.has(kOn) ? written.string(kOn) : std::string(), {}};
  stage.action = read_action(written, kOn);
  const std::string& name = stage.action.type;
  if (!name.empty() && !can_be_stage(name))
    written.error(name, fmt::format("'{}' can be no part of another action, only {} can", name,
                                    fmt::join(kStageActions, ", ")));
  if (name == "systemd_restart" && stage.action.arguments.contains(R"("unit":"")"))
    written.error(name, "the collector's unit is not known here: it wants 'unit'");
  if (name == "haproxy_drain" && !stage.on.empty())
    written.error(kOn, "HAProxy's socket is opened where the remediator runs");
  if (name == "data_divert") check_divert(written, stage);
  written.done();
  return stage;
}

Result<std::unique_ptr<Action>> make_stage(const Stage& stage, const ActionTools& tools) {
  if (!can_be_stage(stage.action.type))
    return fail(Errc::Invalid,
                fmt::format("'{}' can be no part of another action", stage.action.type));
  ActionTools own = tools;
  if (stage.on.empty()) own.inventory = no_hosts();
  return make_action(stage.action, own);
}

Result<core::Target> stage_target(const Stage& stage, const core::Target& target,
                                  const Inventory& inventory) {
  if (stage.on.empty()) return target;
  if (inventory.host(stage.on) == nullptr)
    return fail(Errc::NotFound, fmt::format("no host {} is declared", stage.on));
  core::Target there = target;
  there.host = stage.on;
  return there;
}

void append_stage(core::Plan& whole, std::string_view name, const Stage& stage,
                  const core::Plan& part, const std::string& extra) {
  const std::string where = stage.on.empty() ? std::string() : " on " + stage.on;
  for (core::Step step : part.steps) {
    step.wanted = Json{{"stage", name}, {"extra", extra}, {"wanted", step.wanted}}.dump();
    step.name = fmt::format("{}{}{}{}", name, where, kAfterStage, step.name);
    whole.steps.push_back(std::move(step));
  }
  for (const std::string& resource : part.resources)
    if (std::ranges::find(whole.resources, resource) == whole.resources.end())
      whole.resources.push_back(resource);
}

Result<StageStep> stage_step(const core::Plan& whole, std::size_t step) {
  try {
    const Json wrapped = Json::parse(whole.steps.at(step).wanted);
    StageStep found{
        wrapped.at("stage").get<std::string>(), wrapped.at("extra").get<std::string>(), {}, 0};
    auto plan = stage_plan(whole, found.stage);
    if (!plan) return fail(plan.error());
    found.plan = *std::move(plan);
    for (std::size_t before = 0; before < step; ++before)
      if (Json::parse(whole.steps[before].wanted).at("stage") == found.stage) ++found.step;
    return found;
  } catch (const std::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of a stage: {}", error.what()));
  }
}

Result<core::Plan> stage_plan(const core::Plan& whole, std::string_view stage) {
  core::Plan part;
  part.resources = whole.resources;
  try {
    for (const core::Step& step : whole.steps) {
      const Json wrapped = Json::parse(step.wanted);
      if (wrapped.at("stage") != stage) continue;
      part.steps.push_back(step);
      part.steps.back().wanted = wrapped.at("wanted").get<std::string>();
      // Not kept in `wanted`: it may hold what was seen, and what is approved is bound to `wanted`
      // (S4).
      part.steps.back().name.erase(0, step.name.find(kAfterStage) + kAfterStage.size());
    }
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of a stage: {}", error.what()));
  }
  return part;
}

core::AttemptId stage_attempt(const core::AttemptId& attempt, std::string_view stage) {
  return fmt::format("{}-{}", attempt, stage);
}

}  // namespace fieldmedic

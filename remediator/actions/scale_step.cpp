#include "remediator/actions/scale_step.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::array kStates{InstanceIsTo::BeMade, InstanceIsTo::Run, InstanceIsTo::Stop,
                             InstanceIsTo::BeGone};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

core::Step written(const ScaleStep& step, std::string name) {
  Json seen{{"id", step.id}};
  Json wanted{{"instance", step.instance}, {"state", to_string(step.is_to)}};
  if (step.one_more()) {
    seen["running"] = step.running;
    wanted["count"] = step.count;
  }
  if (step.planned_at != WallTime{}) seen["at"] = step.planned_at.time_since_epoch().count();
  return {.name = std::move(name), .seen = dump(seen), .wanted = dump(wanted)};
}

Result<ScaleStep> read_scale_step(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const Json wanted = Json::parse(step.wanted);
    const auto state = wanted.at("state").get<std::string>();
    const auto found =
        std::ranges::find(kStates, state, [](auto is_to) { return to_string(is_to); });
    if (found == kStates.end())
      return fail(Errc::Invalid, fmt::format("no step of scale_out wants '{}'", state));
    ScaleStep read{.instance = wanted.at("instance").get<std::string>(),
                   .id = seen.at("id").get<std::string>(),
                   .is_to = *found};
    read.planned_at = WallTime(WallTime::duration(seen.value("at", WallTime::rep{0})));
    if (!read.one_more()) return read;
    read.running = seen.at("running").get<int>();
    read.count = wanted.at("count").get<int>();
    return read;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of scale_out: {}", error.what()));
  }
}

std::vector<ScaleChoice> begun_in(std::span<const core::Plan> made, const std::string& resource) {
  std::vector<ScaleChoice> begun;
  for (const core::Plan& plan : made) {
    if (!plan.lease || plan.lease->resource != resource) continue;
    ScaleChoice choice;
    for (const core::Step& step : plan.steps) {
      const auto read = read_scale_step(step);
      if (!read) continue;
      choice.wanted = read->count;
      if (std::ranges::find(choice.start, read->instance) == choice.start.end())
        choice.start.push_back(read->instance);
    }
    begun.push_back(std::move(choice));
  }
  return begun;
}

std::string written(const StartedInstance& started) {
  return dump({{"instance", started.instance}, {"id", started.id}, {"restarts", started.restarts}});
}

std::optional<StartedInstance> started_instance(std::span<const std::string> left,
                                                const std::string& instance) {
  std::optional<StartedInstance> found;
  for (const std::string& text : left) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("instance", Json()) != instance) continue;
    const Json id = json.value("id", Json());
    const Json restarts = json.value("restarts", Json());
    if (id.is_string() && restarts.is_number_unsigned())
      found = StartedInstance{instance, id.get<std::string>(), restarts.get<std::uint32_t>()};
  }
  return found;
}

}  // namespace fieldmedic

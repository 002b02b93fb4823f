#include "remediator/actions/clone_sights.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/docker_clone.hpp"

namespace fieldmedic {

namespace {

std::string clone_name(const ContainerState& source, std::size_t number) {
  return fmt::format("{}-fieldmedic-{}", source.name, number);
}

Instance instance_of(const std::string& name, const CloneSight& sight, const std::string& source) {
  if (!sight) return {name, InstanceIs::Free};
  if (sight->running) return {name, InstanceIs::Running};
  if (sight->clone_of != source) return {name, InstanceIs::Unfit, "is no clone of it"};
  if (sight->status != "created") return {name, InstanceIs::Unfit, "is " + sight->status};
  return {name, InstanceIs::Free};
}

}  // namespace

std::vector<Instance> CloneSights::instances() const {
  std::vector<Instance> found;
  found.push_back({source.name, source.running ? InstanceIs::Running : InstanceIs::Unfit,
                   "is " + source.status});
  for (std::size_t i = 0; i < clones.size(); ++i)
    found.push_back(instance_of(clone_name(source, i + 2), clones[i], source.id));
  return found;
}

std::ptrdiff_t CloneSights::running() const {
  return (source.running ? 1 : 0) +
         std::ranges::count_if(clones, [](const CloneSight& s) { return s && s->running; });
}

bool CloneSights::has(const std::string& clone) const {
  return std::ranges::any_of(clones, [&](const CloneSight& s) { return s && s->name == clone; });
}

Result<CloneSight> see_clone(ContainerEngine& engine, const std::string& name,
                             const std::stop_token& stop) {
  auto container = engine.inspect(name, stop);
  if (container) return CloneSight(std::move(*container));
  if (container.error().code == Errc::NotFound) return CloneSight();
  return fail(container.error());
}

Result<CloneSights> see_clones(ContainerEngine& engine, ContainerState source, int max,
                               const std::stop_token& stop) {
  CloneSights sights{std::move(source), {}};
  for (int number = 2; number <= max; ++number) {
    const auto name = clone_name(sights.source, static_cast<std::size_t>(number));
    auto sight = see_clone(engine, name, stop);
    if (!sight) return fail(sight.error());
    sights.clones.push_back(std::move(*sight));
  }
  return sights;
}

std::string start_of(const ContainerState& container) {
  return container.id + " " + container.started_at;
}

std::string describe_clone(const CloneSight& sight, const std::string& name) {
  if (!sight) return name + " is not there";
  return fmt::format("{} is {}{}{}", name, sight->status, sight->health.empty() ? "" : ", ",
                     sight->health);
}

Status may_clone(const ContainerState& source) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Conflict, fmt::format("container {} {}", source.name, why));
  };
  if (!source.owner.empty()) return refuse(fmt::format("belongs to {}: scale that", source.owner));
  if (!source.clone_of.empty()) return refuse("is a clone itself");
  if (const auto body = clone_body(source.inspect, {source.id, ""}); !body)
    return refuse("cannot be cloned: " + body.error().message);
  return {};
}

std::string how_it_differs(const ScaleStep& step, const CloneSight& sight) {
  const std::string is = describe_clone(sight, step.instance);
  switch (step.is_to) {
    case InstanceIsTo::BeMade: return sight ? is : std::string();
    case InstanceIsTo::Run:
      if (!sight || sight->clone_of != step.id) return is + ", and no clone of the plan's";
      return sight->status == "created" ? std::string() : is;
    case InstanceIsTo::Stop:
      if (!sight || start_of(*sight) != step.id) return is + ", and not as the plan saw it";
      return sight->running ? std::string() : is;
    case InstanceIsTo::BeGone:
      if (!sight || sight->id != step.id) return is + ", and not the one of the plan";
      return sight->running ? is : std::string();
  }
  return "no step of scale_out";
}

}  // namespace fieldmedic

#include "remediator/actions/container_scale.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/actions/clone_sights.hpp"
#include "remediator/actions/lost_answer.hpp"
#include "remediator/actions/scale_step.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kGrace{10};  // as Docker's own

class ContainerScale final : public Action {
 public:
  ContainerScale(std::string container, ScaleTerms terms, const ActionTools& tools)
      : container_(std::move(container)), terms_(terms), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto source = tools_.containers->inspect(container_, stop);
    if (!source) return fail(source.error());
    if (auto fit = may_clone(*source); !fit) return fail(fit.error());
    const auto sights = see_clones(*tools_.containers, *source, terms_.max, stop);
    if (!sights) return fail(sights.error());
    const std::string resource = resource_on(request.target);
    const auto choice =
        choose_instances(sights->instances(), terms_, begun_in(request.made, resource));
    if (!choice) return wrap(choice.error(), container_);
    core::Plan plan;
    plan.resources = resources_of(request.target, *source);
    plan.lease = core::LeaseClaim{resource, core::WhenAway::Nobody};
    for (const std::string& name : choice->start) {
      ScaleStep step{.instance = name,
                     .id = source->id,
                     .is_to = InstanceIsTo::BeMade,
                     .running = choice->current,
                     .count = choice->wanted};
      if (!sights->has(name))
        plan.steps.push_back(written(step, fmt::format("make {} of {}", name, source->name)));
      step.is_to = InstanceIsTo::Run;
      plan.steps.push_back(written(step, "start " + name));
    }
    plan.summary =
        fmt::format("scale container {} from {} to {} of at most {}: start {}", source->name,
                    choice->current, choice->wanted, terms_.max, fmt::join(choice->start, ", "));
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    core::Plan plan;
    std::vector<std::string> names;
    for (auto step = request.made.steps.rbegin(); step != request.made.steps.rend(); ++step) {
      const auto made = read_scale_step(*step);
      if (!made) return fail(made.error());
      if (made->is_to != InstanceIsTo::Run) continue;  // that of its making is beside it
      const auto sight = see_clone(*tools_.containers, made->instance, stop);
      if (!sight) return fail(sight.error());
      if (!*sight) continue;
      if (auto ours = is_ours(**sight, *made, request.left); !ours) return fail(ours.error());
      if ((*sight)->running) plan.steps.push_back(stop_step(**sight));
      plan.steps.push_back(written(
          ScaleStep{.instance = made->instance, .id = (*sight)->id, .is_to = InstanceIsTo::BeGone},
          "remove " + made->instance));
      names.push_back(made->instance);
    }
    plan.resources = request.made.resources;
    plan.summary = names.empty() ? fmt::format("no clone of container {} is left", container_)
                                 : fmt::format("scale container {} back: stop and remove {}",
                                               container_, fmt::join(names, ", "));
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const SteadyTime deadline = tools_.clock.steady() + request.timeout;
    const auto step = read_scale_step(request.plan.steps[request.step]);
    if (!step) return {Applied::Refused, step.error().message};
    const auto source = step->one_more() ? tools_.containers->inspect(step->id, stop)
                                         : Result<ContainerState>(ContainerState{});
    if (!source) return {Applied::Refused, source.error().message};
    const auto sight = see_clone(*tools_.containers, step->instance, stop);
    if (!sight) return {Applied::Refused, sight.error().message};
    auto differs = how_it_differs(*step, *sight);
    if (differs.empty() && step->one_more()) {
      const auto sights = see_clones(*tools_.containers, *source, terms_.max, stop);
      if (!sights) return {Applied::Refused, sights.error().message};
      if (sights->running() >= step->count)
        differs = fmt::format("{} run by now", sights->running());
    }
    if (!differs.empty()) return {Applied::WorldDiffers, differs};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto left = std::chrono::floor<milliseconds>(deadline - tools_.clock.steady());
    if (left.count() <= 0) return {Applied::Refused, "no time was left for it"};
    const Status done = change(*step, *source, *sight, {request.attempt, left}, stop);
    if (done) return {Applied::Done, "the engine did: " + request.plan.steps[request.step].name};
    if (nothing_changed(done.error().code)) return {Applied::Refused, done.error().message};
    wait_for_order([&] { return confirm(request, stop).answer != Confirmed::NotApplied; }, stop);
    return {Applied::Unknown, done.error().message};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto step = read_scale_step(request.plan.steps[request.step]);
    if (!step) return {Confirmed::Unknown, step.error().message};
    const auto sight = see_clone(*tools_.containers, step->instance, stop);
    if (!sight) return {Confirmed::Unknown, sight.error().message};
    const std::string evidence = describe_clone(*sight, step->instance);
    switch (step->is_to) {
      case InstanceIsTo::BeMade: {
        const bool made =
            *sight && (*sight)->clone_of == step->id && (*sight)->clone_made_by == request.attempt;
        return {made ? Confirmed::Applied : Confirmed::NotApplied, evidence};
      }
      case InstanceIsTo::Run: return confirm_run(*step, *sight, evidence);
      case InstanceIsTo::Stop: return confirm_stop(*step, *sight, evidence, stop);
      case InstanceIsTo::BeGone: {
        const bool there = *sight && (*sight)->id == step->id;
        if (there && (*sight)->status == "removing") return {Confirmed::InProgress, evidence};
        return {there ? Confirmed::NotApplied : Confirmed::Applied, evidence};
      }
    }
    return {Confirmed::Unknown, evidence};
  }

 private:
  struct Now {
    const core::AttemptId& attempt;
    milliseconds left;
  };

  [[nodiscard]] std::string resource_on(const core::Target& target) const {
    return fmt::format("host/{}/scale/container/{}", target.host, container_);
  }

  [[nodiscard]] std::vector<std::string> resources_of(const core::Target& target,
                                                      const ContainerState& source) const {
    std::vector<std::string> resources{resource_on(target),
                                       fmt::format("host/{}/container/{}", target.host, source.id)};
    if (const CollectorSpec* collector = tools_.inventory->collector(target))
      resources.push_back(fmt::format("host/{}/process/{}", target.host, collector->name));
    return resources;
  }

  [[nodiscard]] Status change(const ScaleStep& step, const ContainerState& source,
                              const CloneSight& sight, const Now& now,
                              const std::stop_token& stop) const {
    switch (step.is_to) {
      case InstanceIsTo::BeMade:
        return tools_.containers->clone(source, step.instance, now.attempt, stop);
      case InstanceIsTo::Run: return tools_.containers->start(sight->id, now.left, stop);
      case InstanceIsTo::Stop: return tools_.containers->stop(sight->id, kGrace, now.left, stop);
      case InstanceIsTo::BeGone: return tools_.containers->remove(step.id, stop);
    }
    return fail(Errc::Invalid, "no step of scale_out");
  }

  static ConfirmAnswer confirm_run(const ScaleStep& step, const CloneSight& sight,
                                   const std::string& evidence) {
    if (!sight || sight->clone_of != step.id) return {Confirmed::NotApplied, evidence};
    if (sight->status == "restarting" || (sight->running && sight->health == "starting"))
      return {Confirmed::InProgress, evidence};
    if (!sight->running || sight->health == "unhealthy") return {Confirmed::NotApplied, evidence};
    return {Confirmed::Applied, evidence,
            written(StartedInstance{step.instance, start_of(*sight),
                                    static_cast<std::uint32_t>(sight->restarts)})};
  }

  // One that was told to end and has not yet may still do so.
  ConfirmAnswer confirm_stop(const ScaleStep& step, const CloneSight& sight,
                             const std::string& evidence, const std::stop_token& stop) const {
    if (!sight || !sight->running) return {Confirmed::Applied, evidence};
    if (start_of(*sight) != step.id) return {Confirmed::NotApplied, evidence};
    const auto told = tools_.containers->last_stop(sight->id, step.planned_at, stop);
    if (!told) return {Confirmed::Unknown, evidence + "; " + told.error().message};
    const bool may_come = *told && tools_.clock.wall() < **told + 2 * kGrace;
    return {may_come ? Confirmed::InProgress : Confirmed::NotApplied, evidence};
  }

  core::Step stop_step(const ContainerState& container) const {
    return written(ScaleStep{.instance = container.name,
                             .id = start_of(container),
                             .is_to = InstanceIsTo::Stop,
                             .planned_at = tools_.clock.wall()},
                   "stop " + container.name);
  }

  // Conflict: it is somebody's by now (S14).
  static Status is_ours(const ContainerState& clone, const ScaleStep& made,
                        const std::vector<std::string>& left) {
    const auto refuse = [&](std::string_view why) {
      return fail(Errc::Conflict, fmt::format("container {} {}", clone.name, why));
    };
    if (clone.clone_of != made.id) return refuse("is not the clone that was made");
    if (clone.status == "paused") return refuse("was paused by somebody");
    if (clone.status == "restarting" || clone.status == "removing")
      return fail(Errc::Unavailable, fmt::format("container {} is {}", clone.name, clone.status));
    if (!clone.running) return {};
    const auto started = started_instance(left, clone.name);
    if (!started) return refuse("runs, and it is not known that it is the start of ours");
    // The engine counts its own restarts from the last start that somebody asked for.
    if (start_of(clone) != started->id && clone.restarts <= started->restarts)
      return refuse("was started anew by somebody since, at " + clone.started_at);
    return {};
  }

  std::string container_;
  ScaleTerms terms_;
  ActionTools tools_;
};

}  // namespace

std::unique_ptr<Action> make_container_scale(std::string container, ScaleTerms terms,
                                             const ActionTools& tools) {
  return std::make_unique<ContainerScale>(std::move(container), terms, tools);
}

}  // namespace fieldmedic

#include "remediator/actions/unit_scale.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/actions/scale_step.hpp"
#include "remediator/actions/unit_resources.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/supervisor.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

bool runs(const UnitState& unit) {
  return unit.active_state == "active" || unit.active_state == "reloading" ||
         unit.active_state == "refreshing" || unit.active_state == "activating";
}

bool is_down(const UnitState& unit) {
  return unit.active_state == "inactive" || unit.active_state == "failed";
}

bool is_enabled(const UnitState& unit) {
  return unit.file_state.starts_with("enabled");  // also "enabled-runtime"
}

// Why an instance that does not run is not to be started; empty: it may be.
std::string unfit(const UnitState& unit, const std::string& name) {
  if (unit.load_state != "loaded") return "is " + unit.load_state;
  if (unit.id != name) return "is another name of " + unit.id;
  if (unit.job != 0) return fmt::format("has job {} of someone else under way", unit.job);
  if (is_enabled(unit)) return "is " + unit.file_state + ", and was stopped by somebody";
  if (unit.active_state != "inactive") return "is " + unit.active_state;
  return {};
}

class UnitScale final : public Action {
 public:
  UnitScale(std::string unit_template, ScaleTerms terms, const ActionTools& tools)
      : template_(std::move(unit_template)), terms_(terms), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return fail(systemd.error());
    const auto units = look(**systemd, stop);
    if (!units) return fail(units.error());
    const std::string resource = resource_on(request.target);
    const auto choice =
        choose_instances(instances_of(*units), terms_, begun_in(request.made, resource));
    if (!choice) return wrap(choice.error(), template_);
    core::Plan plan;
    plan.resources.push_back(resource);
    plan.lease = core::LeaseClaim{resource, core::WhenAway::Nobody};
    for (const std::string& name : choice->start) {
      const auto& unit = *std::ranges::find(*units, name, &UnitState::id);
      plan.steps.push_back(written(ScaleStep{.instance = name,
                                             .id = unit.invocation_id,
                                             .is_to = InstanceIsTo::Run,
                                             .running = choice->current,
                                             .count = choice->wanted},
                                   "start " + name));
      add_resources(plan, request.target, name);
    }
    plan.summary =
        fmt::format("scale {} from {} to {} of at most {}: start {}", template_, choice->current,
                    choice->wanted, terms_.max, fmt::join(choice->start, ", "));
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return fail(systemd.error());
    core::Plan plan;
    plan.resources.push_back(resource_on(request.target));
    std::vector<std::string> names;
    for (auto step = request.made.steps.rbegin(); step != request.made.steps.rend(); ++step) {
      const auto made = read_scale_step(*step);
      if (!made) return fail(made.error());
      const auto unit = (*systemd)->unit(made->instance, stop);
      if (!unit) return fail(unit.error());
      const auto ours = is_ours(*unit, request.left);
      if (!ours) return fail(ours.error());
      if (!*ours) continue;
      plan.steps.push_back(written(
          ScaleStep{
              .instance = made->instance, .id = unit->invocation_id, .is_to = InstanceIsTo::Stop},
          "stop " + made->instance));
      add_resources(plan, request.target, made->instance);
      names.push_back(made->instance);
    }
    plan.summary = names.empty()
                       ? fmt::format("none of what was started of {} runs any more", template_)
                       : fmt::format("scale {} back: stop {}", template_, fmt::join(names, ", "));
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const SteadyTime deadline = tools_.clock.steady() + request.timeout;
    const auto step = read_scale_step(request.plan.steps[request.step]);
    if (!step) return {Applied::Refused, step.error().message};
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return {Applied::Refused, systemd.error().message};
    const bool start = step->is_to == InstanceIsTo::Run;
    if (!start && step->is_to != InstanceIsTo::Stop) return {Applied::Refused, "no step of units"};
    const auto differs = start ? differs_for_start(**systemd, *step, stop)
                               : differs_for_stop(**systemd, *step, stop);
    if (!differs) return {Applied::Refused, differs.error().message};
    if (!differs->empty()) return {Applied::WorldDiffers, *differs};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto left = std::chrono::floor<milliseconds>(deadline - tools_.clock.steady());
    if (left.count() <= 0) return {Applied::Refused, "no time was left for it"};
    const UnitJob job = start ? UnitJob::Start : UnitJob::Stop;
    const auto ended = (*systemd)->run(job, step->instance, left, stop);
    if (!ended)
      return {nothing_changed(ended.error().code) ? Applied::Refused : Applied::Unknown,
              ended.error().message};
    // A job that failed may have done a part, so confirm must look.
    return {*ended == "done" ? Applied::Done : Applied::Unknown,
            fmt::format("systemd's {} job of {}: {}", to_string(job), step->instance, *ended)};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto step = read_scale_step(request.plan.steps[request.step]);
    if (!step) return {Confirmed::Unknown, step.error().message};
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return {Confirmed::Unknown, systemd.error().message};
    const auto unit = (*systemd)->unit(step->instance, stop);
    if (!unit) return {Confirmed::Unknown, unit.error().message};
    const std::string evidence =
        fmt::format("{} is {} ({})", step->instance, unit->active_state, unit->sub_state);
    if (unit->job != 0 || unit->active_state == "activating" ||
        unit->active_state == "deactivating")
      return {Confirmed::InProgress, evidence};
    if (step->is_to != InstanceIsTo::Run)
      return {is_down(*unit) ? Confirmed::Applied : Confirmed::NotApplied, evidence};
    if (!runs(*unit) || unit->invocation_id == step->id) return {Confirmed::NotApplied, evidence};
    return {Confirmed::Applied, evidence,
            written(StartedInstance{step->instance, unit->invocation_id, unit->restarts})};
  }

 private:
  [[nodiscard]] std::string resource_on(const core::Target& target) const {
    return fmt::format("host/{}/scale/{}", target.host, template_);
  }

  void add_resources(core::Plan& plan, const core::Target& target, const std::string& name) const {
    for (std::string& resource : unit_resources(target, name, name, *tools_.inventory))
      if (std::ranges::find(plan.resources, resource) == plan.resources.end())
        plan.resources.push_back(std::move(resource));
  }

  [[nodiscard]] std::string name_of(int number) const {
    const std::size_t at = template_.find('@') + 1;
    return template_.substr(0, at) + std::to_string(number) + template_.substr(at);
  }

  // All that there may be, in order.
  Result<std::vector<UnitState>> look(Systemd& systemd, const std::stop_token& stop) const {
    std::vector<UnitState> units;
    for (int number = 1; number <= terms_.max; ++number) {
      auto unit = systemd.unit(name_of(number), stop);
      if (!unit) return fail(unit.error());
      units.push_back(std::move(*unit));
    }
    if (std::ranges::all_of(units, [](const auto& u) { return u.load_state == "not-found"; }))
      return fail(Errc::NotFound, fmt::format("systemd knows no template {}", template_));
    return units;
  }

  [[nodiscard]] std::vector<Instance> instances_of(const std::vector<UnitState>& units) const {
    std::vector<Instance> instances;
    for (std::size_t i = 0; i < units.size(); ++i) {
      Instance instance{name_of(static_cast<int>(i) + 1), InstanceIs::Running};
      if (!runs(units[i])) {
        instance.why = unfit(units[i], instance.name);
        instance.is = instance.why.empty() ? InstanceIs::Free : InstanceIs::Unfit;
      }
      instances.push_back(std::move(instance));
    }
    return instances;
  }

  // How the world is another than the plan saw; empty: it is the same.
  Result<std::string> differs_for_start(Systemd& systemd, const ScaleStep& step,
                                        const std::stop_token& stop) const {
    const auto units = look(systemd, stop);
    if (!units) return fail(units.error());
    const auto running = std::ranges::count_if(*units, runs);
    if (running >= step.count) return fmt::format("{} of {} run by now", running, template_);
    const auto unit = std::ranges::find(*units, step.instance, &UnitState::id);
    if (unit == units->end()) return step.instance + " is not there any more";
    if (runs(*unit) || unit->invocation_id != step.id)
      return step.instance + " was started since the plan";
    const std::string why = unfit(*unit, step.instance);
    return why.empty() ? why : fmt::format("{} {}", step.instance, why);
  }

  static Result<std::string> differs_for_stop(Systemd& systemd, const ScaleStep& step,
                                              const std::stop_token& stop) {
    const auto unit = systemd.unit(step.instance, stop);
    if (!unit) return fail(unit.error());
    if (!runs(*unit) || unit->invocation_id != step.id)
      return fmt::format("{} is {}, and another start than the plan saw", step.instance,
                         unit->active_state);
    if (is_enabled(*unit)) return fmt::format("{} is {}", step.instance, unit->file_state);
    if (unit->job != 0) return fmt::format("{} has job {} under way", step.instance, unit->job);
    return std::string();
  }

  // Whether it runs and is what was started; Conflict: it is somebody's by now (S14).
  static Result<bool> is_ours(const UnitState& unit, const std::vector<std::string>& left) {
    if (is_down(unit)) return false;
    if (unit.job != 0 || unit.active_state == "deactivating")
      return fail(Errc::Unavailable,
                  fmt::format("{} is {}, with job {}", unit.id, unit.active_state, unit.job));
    if (is_enabled(unit))
      return fail(Errc::Conflict, fmt::format("{} is {} by now, so somebody means it to stay",
                                              unit.id, unit.file_state));
    const auto started = started_instance(left, unit.id);
    if (!started)
      return fail(Errc::Conflict, fmt::format("{} runs, and it is not known that it is what was "
                                              "started",
                                              unit.id));
    // systemd counts its own restarts from the last start that somebody asked for.
    if (unit.invocation_id != started->id && unit.restarts <= started->restarts)
      return fail(Errc::Conflict,
                  fmt::format("{} was started anew by somebody since, invocation {}", unit.id,
                              unit.invocation_id));
    return true;
  }

  std::string template_;
  ScaleTerms terms_;
  ActionTools tools_;
};

}  // namespace

std::unique_ptr<Action> make_unit_scale(std::string unit_template, ScaleTerms terms,
                                        const ActionTools& tools) {
  return std::make_unique<UnitScale>(std::move(unit_template), terms, tools);
}

}  // namespace fieldmedic

#include "remediator/actions/aws_scale.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "remediator/actions/aws_scale_step.hpp"
#include "remediator/actions/change_time.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

// "a/b" would be within a resource "a".
std::string resource_of(const AwsGroup& group) {
  std::string name = group.name;
  for (std::size_t at = 0; (at = name.find('/', at)) != std::string::npos;)
    name.replace(at, 1, "%2F");
  return fmt::format("aws/{}/auto-scaling/{}", group.access.region, name);
}

// The highest count that the same incident has wanted before; 0: none.
std::int64_t begun(std::span<const core::Plan> made, const std::string& resource) {
  std::int64_t highest = 0;
  for (const core::Plan& plan : made) {
    if (!plan.lease || plan.lease->resource != resource) continue;
    for (const core::Step& step : plan.steps)
      if (const auto read = read_aws_scale_step(step)) highest = std::max(highest, read->to);
  }
  return highest;
}

class AwsScale final : public Action {
 public:
  AwsScale(AwsGroup group, ScaleTerms terms, const ActionTools& tools)
      : group_(std::move(group)),
        terms_(terms),
        clock_(tools.clock),
        aws_(group_.access, *tools.http, tools.clock) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto group = aws_.group(group_.name, stop);
    if (!group) return fail(group.error());
    if (auto right = may_grow(*group); !right) return fail(right.error());
    const auto policy = aws_.policy_at_work(*group, stop);
    if (!policy) return fail(policy.error());
    if (!policy->empty())
      return refuse(
          fmt::format("scales itself by the policy {}, which would set it back: change "
                      "its bounds",
                      *policy));
    const std::int64_t before = begun(request.made, resource_of(group_));
    const std::int64_t most = std::min<std::int64_t>(terms_.max, group->max);
    const std::int64_t to = std::min(before > 0 ? before : group->desired + terms_.step, most);
    if (to <= group->desired)
      return refuse(fmt::format("has {}; at most {} are allowed here{}", group->text(), terms_.max,
                                before > 0 ? fmt::format(", and {} were wanted", before) : ""));
    core::Plan plan = plan_of(*group, to);
    plan.lease = core::LeaseClaim{resource_of(group_), core::WhenAway::Nobody};
    plan.summary = fmt::format("scale {} in {} from {} to {} of at most {} ({})", group_.name,
                               group_.access.region, group->desired, to, most, group->text());
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    if (request.made.steps.empty()) return fail(Errc::Invalid, "the plan has no step");
    const auto made = read_step(request.made.steps.front());
    if (!made) return fail(made.error());
    const auto group = aws_.group(group_.name, stop);
    if (!group) return fail(group.error());
    if (group->desired == made->from) {
      // Nothing to undo, unless a request that was never seen to be done comes after all.
      if (request.left.empty() && signature_may_hold(*made, clock_.wall()))
        return fail(Errc::Unavailable,
                    fmt::format("{} has {}: whether a request for {} still comes is not known",
                                group_.name, group->text(), made->to));
      core::Plan nothing;
      nothing.summary = fmt::format("{} has {}, as before", group_.name, group->text());
      return nothing;
    }
    if (group->desired != made->to)
      return refuse(fmt::format("has {} by now, where {} were left", group->text(), made->to));
    if (made->from < group->min)
      return refuse(fmt::format("has {} by now: no way back to {}", group->text(), made->from));
    core::Plan plan = plan_of(*group, made->from);
    plan.summary = fmt::format("scale {} back to {}", group_.name, made->from);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto step = read_step(request.plan.steps[request.step]);
    if (!step) return {Applied::Refused, step.error().message};
    const auto group = aws_.group(group_.name, stop);
    if (!group && group.error().code == Errc::NotFound)
      return {Applied::WorldDiffers, group.error().message};
    if (!group) return {Applied::Refused, group.error().message};
    if (group->desired != step->from || !group->status.empty() || step->to < group->min ||
        step->to > group->max)
      return {Applied::WorldDiffers,
              fmt::format("{} has {} by now {}", group_.name, group->text(), group->status)};
    const auto time = time_for_change(step->planned_at, clock_.wall(), request.timeout);
    if (time.count() == 0)
      return {Applied::WorldDiffers, "too much time has passed since the plan"};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto set = aws_.set_desired(group_.name, step->to, time, stop);
    if (set) return {Applied::Done, fmt::format("{} is to have {}", group_.name, step->to)};
    // Busy: nothing was changed, and there is something new to look at.
    if (set.error().code == Errc::Conflict) return {Applied::WorldDiffers, set.error().message};
    return {nothing_changed(set.error().code) ? Applied::Refused : Applied::Unknown,
            set.error().message};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto step = read_step(request.plan.steps[request.step]);
    if (!step) return {Confirmed::Unknown, step.error().message};
    const auto group = aws_.group(group_.name, stop);
    if (!group && group.error().code == Errc::NotFound)
      return {Confirmed::NotApplied, group.error().message};
    if (!group) return {Confirmed::Unknown, group.error().message};
    std::string evidence = fmt::format("{} has {}", group_.name, group->text());
    if (group->desired == step->to) {
      const bool there =
          step->to > step->from ? group->well >= step->to : group->in_service <= step->to;
      if (!there) return {Confirmed::InProgress, evidence + why_not_yet(*group, *step, stop)};
      return {Confirmed::Applied, std::move(evidence), request.plan.steps[request.step].wanted};
    }
    const bool over =
        group->desired != step->from || !may_still_come(step->planned_at, clock_.wall());
    return {over ? Confirmed::NotApplied : Confirmed::InProgress, std::move(evidence)};
  }

 private:
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
    return fail(Errc::Conflict, fmt::format("{} {}", group_.name, why));
  }

  // What AWS says of an instance that does not come; empty where it, or its right, says nothing.
  [[nodiscard]] std::string why_not_yet(const ScalingGroup& group, const AwsScaleStep& step,
                                        const std::stop_token& stop) const {
    if (step.to < step.from) return {};
    const auto failure = aws_.newest_failure(group, stop);
    return !failure || failure->empty() ? "" : "; its newest activity failed: " + *failure;
  }

  // A reload may have changed which group it is.
  [[nodiscard]] Result<AwsScaleStep> read_step(const core::Step& step) const {
    auto read = read_aws_scale_step(step);
    if (!read) return read;
    if (read->group != group_.name || read->region != group_.access.region)
      return fail(Errc::Conflict,
                  fmt::format("it was planned for {} in {}, and {} in {} is meant", read->group,
                              read->region, group_.name, group_.access.region));
    return read;
  }

  [[nodiscard]] Status may_grow(const ScalingGroup& group) const {
    if (!group.status.empty()) return refuse(fmt::format("is being removed: {}", group.status));
    // No load brings a count to none, and one more would undo a person's word.
    if (group.desired == 0) return refuse("wants no instances: somebody ended all of it");
    for (const char* process : {"Launch", "AddToLoadBalancer"})
      if (group.suspends(process))
        return refuse(
            fmt::format("has {} suspended, so a further instance would not come to work: "
                        "resume it",
                        process));
    return {};
  }

  [[nodiscard]] core::Plan plan_of(const ScalingGroup& group, std::int64_t to) const {
    core::Plan plan;
    plan.resources = {resource_of(group_)};
    plan.steps.push_back(
        written({group_.name, group_.access.region, group.desired, to, clock_.wall()}));
    return plan;
  }

  AwsGroup group_;
  ScaleTerms terms_;
  const Clock& clock_;
  AutoScaling aws_;
};

}  // namespace

std::unique_ptr<Action> make_aws_scale(AwsGroup group, ScaleTerms terms, const ActionTools& tools) {
  return std::make_unique<AwsScale>(std::move(group), terms, tools);
}

}  // namespace fieldmedic

#include "remediator/actions/systemd_restart.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clear_steps.hpp"
#include "remediator/actions/folder_clear.hpp"
#include "remediator/actions/mount_proof.hpp"
#include "remediator/actions/unit_job.hpp"
#include "remediator/actions/unit_resources.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostTied = 32;

struct Arguments {
  std::string unit;  // empty: the collector's
  std::vector<std::string> mounts;
  std::vector<std::string> clear;
};

// A restart takes others with it and brings them back; a stop and a start do not. And what starts
// it by itself would do so while its folders are emptied.
Status stands_alone(Systemd& systemd, const UnitState& unit, const std::stop_token& stop) {
  if (unit.tied.size() > kMostTied)
    return fail(Errc::Conflict,
                fmt::format("more than {} units are tied to {}", kMostTied, unit.id));
  for (const std::string& name : unit.tied) {
    const auto other = systemd.unit(name, stop);
    if (!other) return fail(other.error());
    if (!is_down(*other))
      return fail(
          Errc::Conflict,
          fmt::format("{} is {}: it would be stopped with {} and stay so, or start it while "
                      "its folders are emptied; 'clear' is for units that stand alone",
                      name, other->active_state, unit.id));
  }
  return {};
}

// One change each (S2): a stop and a start with the clearing in between, where there is something
// to be cleared, else the one job that systemd does at a stroke.
Status plan_jobs(const UnitState& unit, Systemd& systemd, core::Plan& plan,
                 const std::stop_token& stop) {
  std::vector<core::Step>& steps = plan.steps;
  if (steps.empty()) {
    steps.push_back(unit_job_step(UnitJob::Restart, unit));
    return {};
  }
  if (auto alone = stands_alone(systemd, unit, stop); !alone) return alone;
  if (!is_down(unit)) steps.insert(steps.begin(), unit_job_step(UnitJob::Stop, unit));
  steps.push_back(unit_job_step(UnitJob::Start, unit));
  return {};
}

std::string summary_of(const core::Plan& plan, const UnitState& unit) {
  std::string summary;
  for (const core::Step& step : plan.steps)
    summary += (summary.empty() ? "" : ", then ") + step.name;
  return plan.steps.size() == 1
             ? fmt::format("{}, which is {} ({})", summary, unit.active_state, unit.sub_state)
             : fmt::format("{}; it is {} ({})", summary, unit.active_state, unit.sub_state);
}

class SystemdRestart final : public Action {
 public:
  SystemdRestart(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const core::Target& target = request.target;
    const CollectorSpec* collector = tools_.inventory->collector(target);
    const std::string name =
        arguments_.unit.empty() && collector != nullptr ? collector->unit : arguments_.unit;
    if (name.empty())
      return fail(Errc::NotFound,
                  fmt::format("the inventory gives no unit for {}", core::key_of(target)));
    if (!is_service_name(name))
      return fail(Errc::Invalid, fmt::format("'{}' is not the name of a service", name));
    const auto systemd = systemd_of(tools_, target);
    if (!systemd) return fail(systemd.error());
    const auto unit = (*systemd)->unit(name, stop);
    if (!unit) return fail(unit.error());
    if (auto status = may_restart(*unit, tools_.host); !status) return fail(status.error());

    core::Plan plan;
    plan.resources = unit_resources(target, name, unit->id, *tools_.inventory);
    for (const std::string& point : arguments_.mounts)
      plan.resources.push_back(folder_resource(target.host, point));
    if (auto cleared = plan_clears_there(arguments_.clear, tools_, target, plan, stop); !cleared)
      return fail(cleared.error());
    if (auto jobs = plan_jobs(*unit, **systemd, plan, stop); !jobs) return fail(jobs.error());
    if (auto noted = note_mounts(plan.steps.back(), arguments_.mounts, tools_, target, stop);
        !noted)
      return fail(noted.error());
    plan.summary = summary_of(plan, *unit);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return is_clear_step(request.plan.steps[request.step])
               ? apply_clear_there(request, tools_, stop)
               : apply_unit_job(request, tools_, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& step = request.plan.steps[request.step];
    if (is_clear_step(step)) return confirm_folder(request, stop);
    ConfirmAnswer unit = confirm_unit_job(request, tools_, stop);
    if (unit.answer != core::Confirmed::Applied) return unit;
    ConfirmAnswer mounts = confirm_mounts(step, tools_, request.target, stop);
    mounts.evidence = unit.evidence + (mounts.evidence.empty() ? "" : ", ") + mounts.evidence;
    return mounts;
  }

 private:
  // Whoever reads that it was not cleared must read that the unit is down, too.
  [[nodiscard]] ConfirmAnswer confirm_folder(const ApplyRequest& request,
                                             const std::stop_token& stop) const {
    ConfirmAnswer cleared = confirm_clear_there(request, tools_, stop);
    if (cleared.answer != core::Confirmed::Applied)
      cleared.evidence += fmt::format("; left to be done: {}", request.plan.steps.back().name);
    return cleared;
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_systemd_restart(const YamlMap& arguments) {
  const std::string unit = arguments.string("unit", "");
  if (!unit.empty() && !is_service_name(unit))
    arguments.error("unit", "'unit' wants the name of a service such as orders.service");
  Json json{{"unit", unit}};
  // Only where there are some: the words of an approval and a replay stay as they were.
  if (auto mounts = read_mount_points(arguments, "mounts"); !mounts.empty())
    json["mounts"] = std::move(mounts);
  if (auto clear = read_folders(arguments, "clear"); !clear.empty())
    json["clear"] = std::move(clear);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_systemd_restart(const std::string& arguments,
                                                     const ActionTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    const std::vector<std::string> none;
    Arguments parsed{json.at("unit").get<std::string>(), json.value("mounts", none),
                     json.value("clear", none)};
    if (!parsed.unit.empty() && !is_service_name(parsed.unit))
      return fail(Errc::Invalid, fmt::format("'{}' is not the name of a service", parsed.unit));
    if (auto right = check_mount_points(parsed.mounts); !right) return fail(right.error());
    if (auto right = check_folders(parsed.clear); !right) return fail(right.error());
    return std::make_unique<SystemdRestart>(std::move(parsed), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of systemd_restart: {}", error.what()));
  }
}

}  // namespace fieldmedic

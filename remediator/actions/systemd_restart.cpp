#include "remediator/actions/systemd_restart.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/folder_clear.hpp"
#include "remediator/actions/mount_proof.hpp"
#include "remediator/actions/unit_resources.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/supervisor.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

struct Arguments {
  std::string unit;  // empty: the collector's
  std::vector<std::string> mounts;
};

struct Seen {
  std::string unit;
  std::string invocation_id;
};

Result<Seen> read_seen(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    return Seen{seen.at("unit").get<std::string>(), seen.at("invocation_id").get<std::string>()};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no systemd_restart step: {}", error.what()));
  }
}

// Whether the unit as it is now may be restarted at all.
Status may_restart(const UnitState& unit, const HostRoot& host) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Conflict, fmt::format("{} {}", unit.id, why));
  };
  if (unit.load_state == "not-found")
    return fail(Errc::NotFound, fmt::format("systemd knows no unit {}", unit.id));
  if (unit.load_state != "loaded") return refuse("is " + unit.load_state);
  if (unit.id == own_unit(host.procfs)) return refuse("is the remediator's own unit");
  if (unit.job != 0) return refuse(fmt::format("has job {} of someone else under way", unit.job));
  return {};
}

class SystemdRestart final : public Action {
 public:
  SystemdRestart(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(request.target);
    const std::string name =
        arguments_.unit.empty() && collector != nullptr ? collector->unit : arguments_.unit;
    if (name.empty())
      return fail(Errc::NotFound,
                  fmt::format("the inventory gives no unit for {}", core::key_of(request.target)));
    if (!is_service_name(name))
      return fail(Errc::Invalid, fmt::format("'{}' is not the name of a service", name));
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return fail(systemd.error());
    const auto unit = (*systemd)->unit(name, stop);
    if (!unit) return fail(unit.error());
    if (auto status = may_restart(*unit, tools_.host); !status) return fail(status.error());

    const Json seen{{"active_state", unit->active_state},
                    {"invocation_id", unit->invocation_id},
                    {"unit", unit->id}};
    const Json wanted{{"active_state", "active"}, {"not_invocation_id", unit->invocation_id}};
    core::Plan plan;
    plan.steps.push_back({.name = "restart " + unit->id,
                          .seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace),
                          .wanted = wanted.dump()});
    if (auto noted =
            note_mounts(plan.steps.back(), arguments_.mounts, tools_, request.target, stop);
        !noted)
      return fail(noted.error());
    plan.resources = unit_resources(request.target, name, unit->id, *tools_.inventory);
    for (const std::string& point : arguments_.mounts)
      plan.resources.push_back(folder_resource(request.target.host, point));
    plan.summary =
        fmt::format("restart {}, which is {} ({})", unit->id, unit->active_state, unit->sub_state);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto refuse = [](std::string why) {
      return ApplyAnswer{core::Applied::Refused, std::move(why)};
    };
    const SteadyTime deadline = tools_.clock.steady() + request.timeout;
    const auto seen = read_seen(request.plan.steps[request.step]);
    if (!seen) return refuse(seen.error().message);
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return refuse(systemd.error().message);
    const auto unit = (*systemd)->unit(seen->unit, stop);
    if (!unit) return refuse(unit.error().message);
    if (auto status = may_restart(*unit, tools_.host); !status)  // plan found that it may
      return {core::Applied::WorldDiffers, status.error().message};
    if (unit->invocation_id != seen->invocation_id)
      return {core::Applied::WorldDiffers,
              fmt::format("{} was started anew since the plan: invocation {}", unit->id,
                          unit->invocation_id)};
    if (stop.stop_requested()) return cancelled_before_change();
    std::string lifted;
    // A unit that crashed again and again is at its limit, which its result shows only sometimes.
    if (unit->active_state == "failed" || unit->result == "start-limit-hit") {
      if (auto reset = (*systemd)->reset_failed(unit->id, stop); !reset)
        return refuse(reset.error().message);
      lifted = ", its start limit was lifted";
    }
    if (stop.stop_requested()) return refuse("cancelled before the restart" + lifted);
    const auto left =
        std::chrono::floor<std::chrono::milliseconds>(deadline - tools_.clock.steady());
    if (left.count() <= 0) return refuse("no time was left for the restart" + lifted);
    const auto result = (*systemd)->run(UnitJob::Restart, unit->id, left, stop);
    if (!result)
      return {
          nothing_changed(result.error().code) ? core::Applied::Refused : core::Applied::Unknown,
          result.error().message};
    // A job that failed may have stopped the unit, so confirm must look.
    return {*result == "done" ? core::Applied::Done : core::Applied::Unknown,
            fmt::format("systemd's restart job of {}: {}{}", unit->id, *result, lifted)};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    using core::Confirmed;
    const auto seen = read_seen(request.plan.steps[request.step]);
    if (!seen) return {Confirmed::Unknown, seen.error().message};
    const auto systemd = systemd_of(tools_, request.target);
    if (!systemd) return {Confirmed::Unknown, systemd.error().message};
    const auto unit = (*systemd)->unit(seen->unit, stop);
    if (!unit) return {Confirmed::Unknown, unit.error().message};
    const std::string evidence =
        fmt::format("{} is {} ({}), invocation {}", unit->id, unit->active_state, unit->sub_state,
                    unit->invocation_id.empty() ? "none" : unit->invocation_id);
    if (unit->job != 0)
      return {Confirmed::InProgress, fmt::format("{}, job {}", evidence, unit->job)};
    if (unit->active_state == "activating" || unit->active_state == "deactivating")
      return {Confirmed::InProgress, evidence};
    const bool running = unit->active_state == "active" || unit->active_state == "reloading";
    const bool anew = unit->invocation_id != seen->invocation_id;
    if (!running || !anew) return {Confirmed::NotApplied, evidence};
    ConfirmAnswer mounts =
        confirm_mounts(request.plan.steps[request.step], tools_, request.target, stop);
    mounts.evidence = evidence + (mounts.evidence.empty() ? "" : ", ") + mounts.evidence;
    return mounts;
  }

 private:
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
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_systemd_restart(const std::string& arguments,
                                                     const ActionTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    Arguments parsed{json.at("unit").get<std::string>(),
                     json.value("mounts", std::vector<std::string>())};
    if (!parsed.unit.empty() && !is_service_name(parsed.unit))
      return fail(Errc::Invalid, fmt::format("'{}' is not the name of a service", parsed.unit));
    if (auto right = check_mount_points(parsed.mounts); !right) return fail(right.error());
    return std::make_unique<SystemdRestart>(std::move(parsed), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of systemd_restart: {}", error.what()));
  }
}

}  // namespace fieldmedic

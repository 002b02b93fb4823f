#include "remediator/actions/unit_job.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/where.hpp"
#include "remediator/reach/supervisor.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;

constexpr const char* kJob = "job";

struct Order {
  UnitJob job = UnitJob::Restart;
  std::string unit;
  std::string invocation_id;
};

Result<Order> read_order(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const std::string job =
        Json::parse(step.wanted).value(kJob, std::string(to_string(UnitJob::Restart)));
    Order order{UnitJob::Restart, seen.at("unit").get<std::string>(),
                seen.at("invocation_id").get<std::string>()};
    for (const UnitJob known : {UnitJob::Start, UnitJob::Stop, UnitJob::Restart})
      if (job == to_string(known)) order.job = known;
    if (job != to_string(order.job))
      return fail(Errc::Invalid, fmt::format("no job of systemd_restart: '{}'", job));
    return order;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no systemd_restart step: {}", error.what()));
  }
}

// How the unit is another than the plan saw; empty: it is the same.
std::string difference(const Order& order, const UnitState& unit) {
  // systemd forgets the id of one that was stopped and that nothing holds in memory.
  const bool forgotten = order.job == UnitJob::Start && is_down(unit) && unit.invocation_id.empty();
  if (unit.invocation_id != order.invocation_id && !forgotten)
    return fmt::format("{} was started anew since the plan: invocation {}", unit.id,
                       unit.invocation_id);
  if (order.job == UnitJob::Start && !is_down(unit))
    return fmt::format("{} is {}, where it was to be down", unit.id, unit.active_state);
  return {};
}

// The job, in what is left of the time. `lifted`: what was done before it, for people.
ApplyAnswer run_job(Systemd& systemd, const Order& order, std::chrono::milliseconds left,
                    const std::string& lifted, const std::stop_token& stop) {
  if (stop.stop_requested())
    return {Applied::Refused,
            fmt::format("cancelled before the {}{}", to_string(order.job), lifted)};
  if (left.count() <= 0)
    return {Applied::Refused,
            fmt::format("no time was left for the {}{}", to_string(order.job), lifted)};
  const auto result = systemd.run(order.job, order.unit, left, stop);
  if (!result)
    return {nothing_changed(result.error().code) ? Applied::Refused : Applied::Unknown,
            result.error().message};
  // A job that failed may have stopped the unit, so confirm must look.
  return {*result == "done" ? Applied::Done : Applied::Unknown,
          fmt::format("systemd's {} job of {}: {}{}", to_string(order.job), order.unit, *result,
                      lifted)};
}

Confirmed judge(const Order& order, const UnitState& unit) {
  if (unit.job != 0 || unit.active_state == "activating" || unit.active_state == "deactivating")
    return Confirmed::InProgress;
  if (order.job == UnitJob::Stop) return is_down(unit) ? Confirmed::Applied : Confirmed::NotApplied;
  const bool running = unit.active_state == "active" || unit.active_state == "reloading";
  const bool anew = unit.invocation_id != order.invocation_id;
  return running && anew ? Confirmed::Applied : Confirmed::NotApplied;
}

}  // namespace

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

bool is_down(const UnitState& unit) {
  return unit.active_state == "inactive" || unit.active_state == "failed";
}

core::Step unit_job_step(UnitJob job, const UnitState& unit) {
  const Json seen{{"active_state", unit.active_state},
                  {"invocation_id", unit.invocation_id},
                  {"unit", unit.id}};
  Json wanted{{"active_state", "inactive"}};
  if (job != UnitJob::Stop)
    wanted = {{"active_state", "active"}, {"not_invocation_id", unit.invocation_id}};
  if (job != UnitJob::Restart) wanted[kJob] = to_string(job);
  return {.name = fmt::format("{} {}", to_string(job), unit.id),
          .seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace),
          .wanted = wanted.dump()};
}

ApplyAnswer apply_unit_job(const ApplyRequest& request, const ActionTools& tools,
                           const std::stop_token& stop) {
  const SteadyTime deadline = tools.clock.steady() + request.timeout;
  const auto order = read_order(request.plan.steps[request.step]);
  if (!order) return {Applied::Refused, order.error().message};
  const auto systemd = systemd_of(tools, request.target);
  if (!systemd) return {Applied::Refused, systemd.error().message};
  const auto unit = (*systemd)->unit(order->unit, stop);
  if (!unit) return {Applied::Refused, unit.error().message};
  if (auto status = may_restart(*unit, tools.host); !status)  // plan found that it may
    return {Applied::WorldDiffers, status.error().message};
  if (const auto differs = difference(*order, *unit); !differs.empty())
    return {Applied::WorldDiffers, differs};
  if (stop.stop_requested()) return cancelled_before_change();
  std::string lifted;
  // A unit that crashed again and again is at its limit, which its result shows only sometimes.
  if (order->job != UnitJob::Stop &&
      (unit->active_state == "failed" || unit->result == "start-limit-hit")) {
    if (auto reset = (*systemd)->reset_failed(unit->id, stop); !reset)
      return {Applied::Refused, reset.error().message};
    lifted = ", its start limit was lifted";
  }
  const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - tools.clock.steady());
  return run_job(**systemd, *order, left, lifted, stop);
}

ConfirmAnswer confirm_unit_job(const ApplyRequest& request, const ActionTools& tools,
                               const std::stop_token& stop) {
  const auto order = read_order(request.plan.steps[request.step]);
  if (!order) return {Confirmed::Unknown, order.error().message};
  const auto systemd = systemd_of(tools, request.target);
  if (!systemd) return {Confirmed::Unknown, systemd.error().message};
  const auto unit = (*systemd)->unit(order->unit, stop);
  if (!unit) return {Confirmed::Unknown, unit.error().message};
  std::string evidence =
      fmt::format("{} is {} ({}), invocation {}", unit->id, unit->active_state, unit->sub_state,
                  unit->invocation_id.empty() ? "none" : unit->invocation_id);
  if (unit->job != 0) evidence += fmt::format(", job {}", unit->job);
  return {judge(*order, *unit), std::move(evidence)};
}

}  // namespace fieldmedic

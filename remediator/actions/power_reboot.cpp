#include "remediator/actions/power_reboot.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/placeholders.hpp"
#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLookUp{5'000};
constexpr milliseconds kLongestOrder{30'000};
// A controller may take an order and carry it out later: no more than this after the plan.
constexpr seconds kOrderIsOver{120};
constexpr std::size_t kUptimeLimit = 64;

struct PowerStep {
  std::string power;
  std::string last_reset;
  std::string reached;
  WallTime planned_at{};
  BootTime planned_boot{};  // of the remediator's own host
  PowerReset reset = PowerReset::ForceRestart;
};

core::Step written(const PowerStep& step, const std::string& host) {
  const Json seen{{"power", step.power},
                  {"last_reset", step.last_reset},
                  {"reached", step.reached},
                  {"planned_at_ms", step.planned_at.time_since_epoch().count()},
                  {"boot", step.planned_boot.boot_id},
                  {"boot_ms", step.planned_boot.since_boot.count()}};
  return {.name = fmt::format("reset {} by {}", host, step.power),
          .seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace),
          .wanted = Json{{"reset", to_string(step.reset)}, {"up", "since the plan"}}.dump()};
}

PowerReset reset_of(const std::string& word) {
  if (word == to_string(PowerReset::GracefulRestart)) return PowerReset::GracefulRestart;
  return word == to_string(PowerReset::PowerCycle) ? PowerReset::PowerCycle
                                                   : PowerReset::ForceRestart;
}

// A step as journaled, and what it is done with now.
struct Ready {
  PowerStep step;
  RebootPlace place;
  std::unique_ptr<HostPower> power;
};

Result<PowerStep> read_step(const core::Step& text) {
  try {
    const Json seen = Json::parse(text.seen);
    return PowerStep{
        seen.at("power").get<std::string>(),
        seen.at("last_reset").get<std::string>(),
        seen.at("reached").get<std::string>(),
        WallTime(milliseconds(seen.at("planned_at_ms").get<std::int64_t>())),
        {seen.at("boot").get<std::string>(), milliseconds(seen.at("boot_ms").get<std::int64_t>())},
        reset_of(Json::parse(text.wanted).at("reset").get<std::string>())};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of host_reboot: {}", error.what()));
  }
}

Result<Ready> ready(const PowerOrder& order, const ApplyRequest& request,
                    const ActionTools& tools) {
  auto step = read_step(request.plan.steps[request.step]);
  if (!step) return fail(std::move(step.error()));
  auto place = reboot_place(request.target, tools);
  if (!place) return fail(std::move(place.error()));
  auto power = power_of(order, request.target.host, tools);
  if (!power) return fail(std::move(power.error()));
  if (place->reached != step->reached || (*power)->name() != step->power)
    return fail(Errc::Conflict,
                fmt::format("the host is {} by {} now, and was planned as {} by {}", place->reached,
                            (*power)->name(), step->reached, step->power));
  return Ready{*std::move(step), *std::move(place), *std::move(power)};
}

milliseconds since_plan(const PowerStep& step, const Clock& clock) {
  const BootTime now = clock.boot();
  // Whoever sets the wall clock meanwhile proves nothing.
  if (!now.boot_id.empty() && now.boot_id == step.planned_boot.boot_id)
    return now.since_boot - step.planned_boot.since_boot;
  return clock.wall() - step.planned_at;
}

Result<milliseconds> uptime_of(const FarHost& host, const std::stop_token& stop) {
  Command command;
  command.argv = {"cat", "/proc/uptime"};
  command.timeout = kLookUp;
  command.output_limit = kUptimeLimit;
  const auto read = host.runner->run(killed_in_time(std::move(command)), stop);
  if (!read) return fail(read.error());
  std::int64_t whole = 0;
  const char* const end = read->out.data() + read->out.size();
  const auto [after, error] = std::from_chars(read->out.data(), end, whole);
  if (read->exit_code != 0 || error != std::errc() || after == end || *after != '.' || whole < 0)
    return fail(Errc::Malformed, "the host does not tell how long it is up");
  return milliseconds(seconds(whole + 1));  // the fraction is left out, and less would prove more
}

// Why hardware in this state is not reset; empty: nothing speaks against it.
std::string against(const PowerOrder& order, const PowerSight& sight) {
  if (!sight.is_on)
    return "it is not switched on, by somebody or by a fault of its supply, and a person switches "
           "it on";
  if (order.sick_hardware == SickHardware::Allowed) return {};
  switch (sight.health) {
    case HardwareHealth::Ok:
    case HardwareHealth::Warning: return {};
    case HardwareHealth::Critical: return "its hardware is sick, which no reset heals";
    case HardwareHealth::Unknown: return "how its hardware is, the controller does not say";
  }
  return "its health is none";
}

// What the controller takes of what is wanted.
Result<PowerReset> choose(const PowerOrder& order, const PowerSight& sight) {
  if (sight.takes(order.reset)) return order.reset;
  if (order.reset == PowerReset::ForceRestart && sight.takes(PowerReset::PowerCycle))
    return PowerReset::PowerCycle;
  return fail(Errc::Conflict, fmt::format("the controller takes no {}", to_string(order.reset)));
}

// Of a host that answers.
ConfirmAnswer confirm_boot(const Ready& ready, const std::string& boot_id, const Clock& clock,
                           const std::stop_token& stop) {
  const auto up = uptime_of(*ready.place.far, stop);
  if (!up) return {Confirmed::Unknown, up.error().message};
  const milliseconds passed = since_plan(ready.step, clock);
  std::string evidence = fmt::format("boot {}, up for {} s, {} s after the plan", boot_id,
                                     up->count() / 1000, passed.count() / 1000);
  if (*up < passed) return {Confirmed::Applied, std::move(evidence)};
  return {passed < kOrderIsOver ? Confirmed::InProgress : Confirmed::NotApplied,
          "it answers, and was not booted anew: " + evidence};
}

}  // namespace

bool is_silent(Errc code) {
  return code == Errc::Unavailable || code == Errc::Timeout;
}

bool is_power_step(const core::Step& step) {
  const Json seen = Json::parse(step.seen, nullptr, false);
  return seen.is_object() && seen.contains("power");
}

Result<core::Plan> plan_power_reboot(const PowerOrder& order, const RebootPlace& place,
                                     const Error& silence, const PlanRequest& request,
                                     const ActionTools& tools, const std::stop_token& stop) {
  const std::string& host = request.target.host;
  const auto power = power_of(order, host, tools);
  if (!power) return fail(power.error());
  const auto sight = (*power)->look(stop);
  if (!sight)
    return fail(sight.error().code, fmt::format("{} does not answer ({}), and of its power: {}",
                                                host, silence.message, sight.error().message));
  if (const std::string why = against(order, *sight); !why.empty())
    return fail(Errc::Conflict, fmt::format("{} is not reset by {}: {} ({})", host,
                                            (*power)->name(), why, sight->evidence));
  const auto reset = choose(order, *sight);
  if (!reset) return wrap(reset.error(), (*power)->name());
  core::Plan plan;
  plan.steps.push_back(written({(*power)->name(), sight->last_reset, place.reached,
                                tools.clock.wall(), tools.clock.boot(), *reset},
                               host));
  plan.resources = whole_hosts(request.target, *tools.inventory);
  plan.summary =
      fmt::format("{} of {} by {}, without a drain or a flush, since it does not answer ({}); {}",
                  to_string(*reset), host, (*power)->name(), silence.message, sight->evidence);
  return plan;
}

ApplyAnswer apply_power_step(const PowerOrder& order, const ApplyRequest& request,
                             const ActionTools& tools, const std::stop_token& stop) {
  const auto now = ready(order, request, tools);
  if (!now) return {Applied::Refused, now.error().message};
  const auto boot_id = boot_id_of(now->place, tools.host, stop);
  if (boot_id) return {Applied::WorldDiffers, "it answers again, as boot " + *boot_id};
  if (!is_silent(boot_id.error().code)) return {Applied::Refused, boot_id.error().message};
  const auto sight = now->power->look(stop);
  if (!sight) return {Applied::Refused, sight.error().message};
  if (const std::string why = against(order, *sight); !why.empty())
    return {Applied::WorldDiffers, fmt::format("{} ({})", why, sight->evidence)};
  if (sight->last_reset != now->step.last_reset)
    return {Applied::WorldDiffers,
            fmt::format("it was reset since the plan, at {}", sight->last_reset)};
  if (stop.stop_requested()) return cancelled_before_change();
  const auto done =
      now->power->reset(now->step.reset, std::min(request.timeout / 2, kLongestOrder), stop);
  if (done)
    return {Applied::Done, fmt::format("{} took {}", now->step.power, to_string(now->step.reset))};
  return {nothing_changed(done.error().code) ? Applied::Refused : Applied::Unknown,
          done.error().message};
}

ConfirmAnswer confirm_power_step(const PowerOrder& order, const ApplyRequest& request,
                                 const ActionTools& tools, const std::stop_token& stop) {
  const auto now = ready(order, request, tools);
  if (!now) return {Confirmed::Unknown, now.error().message};
  const auto boot_id = boot_id_of(now->place, tools.host, stop);
  if (boot_id) return confirm_boot(*now, *boot_id, tools.clock, stop);
  const auto sight = now->power->look(stop);
  if (!sight)
    return {Confirmed::Unknown,
            fmt::format("it does not answer, and of its power: {}", sight.error().message)};
  if (sight->last_reset != now->step.last_reset)
    return {Confirmed::InProgress, fmt::format("it was reset at {} and does not answer yet ({})",
                                               sight->last_reset, sight->evidence)};
  return {Confirmed::Unknown, fmt::format("it does not answer yet ({})", sight->evidence)};
}

}  // namespace fieldmedic

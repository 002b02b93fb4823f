#include "remediator/actions/host_reboot.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/power_order.hpp"
#include "remediator/actions/power_reboot.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/reboot_place.hpp"
#include "remediator/actions/reboot_steps.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

struct Arguments {
  std::vector<std::string> drain;  // empty: none
  WithoutDrain without = WithoutDrain::Refused;
  bool own_host = false;
  std::optional<PowerOrder> power;  // for hosts that do not answer
};

// Checked when it is read and again when it is made.
Status check(const Arguments& arguments) {
  if (arguments.power && arguments.without == WithoutDrain::Refused)
    return fail(Errc::Invalid,
                "'power' wants 'without_drain: allowed': a host that does not answer hands over "
                "nothing");
  if (!arguments.drain.empty()) return check_argv("drain", arguments.drain);
  if (arguments.without == WithoutDrain::Allowed) return {};
  return fail(Errc::Invalid,
              "host_reboot wants 'drain', a program that hands over what the host holds, or "
              "'without_drain: allowed'");
}

// Whether systemd there would take the order now.
Status may_reboot(const RebootPlace& place, const std::stop_token& stop) {
  const auto target = place.systemd->unit(kRebootTarget, stop);
  if (!target) return fail(target.error());
  if (target->load_state != "loaded")
    return fail(Errc::Conflict, fmt::format("{} is {}", kRebootTarget, target->load_state));
  if (target->job != 0)
    return fail(Errc::Conflict,
                fmt::format("it goes down already, by job {} of {}", target->job, kRebootTarget));
  return {};
}

class HostReboot final : public Action {
 public:
  HostReboot(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const core::Target& target = request.target;
    if (target.kind == core::TargetKind::Group)
      return fail(Errc::Invalid, "one host is booted anew, never a group at once");
    const auto place = reboot_place(target, tools_);
    if (!place) return fail(place.error());
    if (place->far == nullptr && !arguments_.own_host)
      return fail(Errc::Denied,
                  fmt::format("{} is the remediator's own host; 'own_host: allowed' lets it end "
                              "with it",
                              target.host));
    const auto boot_id = boot_id_of(*place, tools_.host, stop);
    if (!boot_id) return plan_past_it(*place, boot_id.error(), request, stop);
    if (auto may = may_reboot(*place, stop); !may) return fail(may.error());

    core::Plan plan;
    const BootSeen seen{*boot_id, place->reached};
    if (!arguments_.drain.empty()) {
      const auto argv = render_argv(arguments_.drain, request);
      if (!argv) return fail(argv.error());
      plan.steps.push_back(drain_step(*argv, arguments_.without, seen));
    }
    plan.steps.push_back(reboot_step(target.host, arguments_.without, seen));
    plan.resources = whole_hosts(target, *tools_.inventory);
    plan.summary = fmt::format(
        "reboot {} (boot {}) {}", target.host, *boot_id,
        arguments_.drain.empty() ? "without a drain" : "after " + arguments_.drain.front());
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    if (is_power_step(request.plan.steps[request.step])) {
      if (!arguments_.power) return {core::Applied::Refused, kNoPower};
      return apply_power_step(*arguments_.power, request, tools_, stop);
    }
    return apply_reboot_step(request, tools_, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    if (is_power_step(request.plan.steps[request.step])) {
      if (!arguments_.power) return {core::Confirmed::Unknown, kNoPower};
      return confirm_power_step(*arguments_.power, request, tools_, stop);
    }
    return confirm_reboot_step(request, tools_, stop);
  }

 private:
  static constexpr const char* kNoPower = "planned by its power, of which no 'power' tells";

  // The mild way is closed: by its power, where it does not answer and that is declared.
  Result<core::Plan> plan_past_it(const RebootPlace& place, const Error& error,
                                  const PlanRequest& request, const std::stop_token& stop) const {
    if (!arguments_.power || place.far == nullptr || !is_silent(error.code)) return fail(error);
    return plan_power_reboot(*arguments_.power, place, error, request, tools_, stop);
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_host_reboot(const YamlMap& map) {
  const auto allowed = [&map](std::string_view key) {
    return map.one_of(key, {"refused", "allowed"}, "refused") == "allowed";
  };
  Arguments arguments;
  arguments.drain = map.strings("drain");
  if (allowed("without_drain")) arguments.without = WithoutDrain::Allowed;
  arguments.own_host = allowed("own_host");
  if (map.has("power")) arguments.power = read_power_order(map.map("power"));
  if (auto right = check(arguments); !right) map.error(right.error().message);
  Json json{{"drain", arguments.drain},
            {"without_drain", arguments.without == WithoutDrain::Allowed},
            {"own_host", arguments.own_host}};
  if (arguments.power)
    json["power"] = Json::parse(power_order_json(*arguments.power), nullptr, false);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_host_reboot(const std::string& text,
                                                 const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{
        json.at("drain").get<std::vector<std::string>>(),
        json.at("without_drain").get<bool>() ? WithoutDrain::Allowed : WithoutDrain::Refused,
        json.at("own_host").get<bool>(), std::nullopt};
    if (json.contains("power")) {
      auto order = parse_power_order(json["power"].dump());
      if (!order) return fail(std::move(order.error()));
      arguments.power = *std::move(order);
    }
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<HostReboot>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of host_reboot: {}", error.what()));
  }
}

}  // namespace fieldmedic

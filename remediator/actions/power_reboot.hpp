// A host that does not answer, reset by its management controller: the one step of host_reboot
// then. Internal to actions/.
//
// seen    {"power": "redfish https://10.0.1.11/redfish/v1/Systems/1", "last_reset": "2026-…",
//          "reached": "medic@10.0.0.11:22", "planned_at_ms": 1795…, "boot": "0d5d…", "boot_ms":
//          4711}
// wanted  {"reset": "ForceRestart", "up": "since the plan"}
//
// What its boot id was nobody can ask it. The proof is that it answers again and has been up for
// less time than has passed since the plan; both are lengths of time, so no two clocks are
// compared.
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"
#include "remediator/actions/power_order.hpp"
#include "remediator/actions/reboot_place.hpp"

namespace fieldmedic {

// Whether an error of reaching it says that the host does not answer.
[[nodiscard]] bool is_silent(Errc code);

// `silence` is the error of the mild way. Conflict: its power is off, or its hardware is sick.
[[nodiscard]] Result<core::Plan> plan_power_reboot(const PowerOrder& order,
                                                   const RebootPlace& place, const Error& silence,
                                                   const PlanRequest& request,
                                                   const ActionTools& tools,
                                                   const std::stop_token& stop);

[[nodiscard]] bool is_power_step(const core::Step& step);

[[nodiscard]] ApplyAnswer apply_power_step(const PowerOrder& order, const ApplyRequest& request,
                                           const ActionTools& tools, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_power_step(const PowerOrder& order, const ApplyRequest& request,
                                               const ActionTools& tools,
                                               const std::stop_token& stop);

}  // namespace fieldmedic

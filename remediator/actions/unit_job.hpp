// The steps of systemd_restart that are a job of systemd. Internal to actions/.
//
// seen:   {"active_state": "failed", "invocation_id": "85ce…", "unit": "orders.service"}
// wanted: {"active_state": "active", "not_invocation_id": "85ce…"}, with "job": "start" where the
//         unit was stopped before; to stop it {"active_state": "inactive", "job": "stop"}
//
// The invocation id is new with every start: it proves the restart, and that nobody else restarted
// the unit between plan and apply.
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

// Whether the unit as it is now may be restarted at all (S12, S13). Errc::NotFound, Conflict.
[[nodiscard]] Status may_restart(const UnitState& unit, const HostRoot& host);
[[nodiscard]] bool is_down(const UnitState& unit);

[[nodiscard]] core::Step unit_job_step(UnitJob job, const UnitState& unit);
[[nodiscard]] ApplyAnswer apply_unit_job(const ApplyRequest& request, const ActionTools& tools,
                                         const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_unit_job(const ApplyRequest& request, const ActionTools& tools,
                                             const std::stop_token& stop);

}  // namespace fieldmedic

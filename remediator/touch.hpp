// Checks and actions on a target, and on none that nobody says how to reach.
#pragma once

#include <memory>
#include <stop_token>

#include "remediator/actions/action.hpp"
#include "remediator/checks/check.hpp"
#include "remediator/core/playbook.hpp"

namespace fieldmedic {

// Runs the check. On a host that is only watched every check but promql, which asks Prometheus and
// not the host, is Unknown.
[[nodiscard]] core::CheckAnswer ask_check(const core::Spec& spec, const core::Target& target,
                                          const CheckTools& tools, const std::stop_token& stop);

// Errc::Denied on a host that is only watched: what is meant for it would be done to this one.
// Otherwise as make_action.
[[nodiscard]] Result<std::unique_ptr<Action>> action_on(const core::Target& target,
                                                        const core::Spec& spec,
                                                        const ActionTools& tools);

}  // namespace fieldmedic

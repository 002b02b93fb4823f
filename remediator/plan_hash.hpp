// What an approval is bound to (S4).
#pragma once

#include <string>

#include "remediator/core/plan.hpp"

namespace fieldmedic {

// 16 hex digits of a SHA-256 over action, target and, step by step, the state wanted; not over what
// was seen on the way (pids, start times, invocation ids), which changes while the remedy stays.
[[nodiscard]] std::string plan_hash(const core::Spec& action, const core::Target& target,
                                    const core::Plan& plan);

}  // namespace fieldmedic

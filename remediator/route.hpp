// Which playbook an alert is for, and what it is about.
#pragma once

#include "remediator/config.hpp"
#include "remediator/core/alert.hpp"

namespace fieldmedic {

// The first playbook whose matchers all match, with the target that the alert's labels name in the
// inventory. Labels are hostile: one that is not fit for a target (validate_label_value), absent or
// unknown to the inventory is BadTarget, never a wider target. `why` says so in at most 256 bytes
// of printable ASCII. Pure; thread-safe.
[[nodiscard]] core::RoutedAlert route(const RemediatorConfig& config, core::Alert alert);

}  // namespace fieldmedic

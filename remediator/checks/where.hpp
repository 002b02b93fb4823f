// On which machine a check looks. Internal to checks/.
#pragma once

#include "remediator/checks/check.hpp"

namespace fieldmedic {

// Whether the target is on a host other than the remediator's own.
[[nodiscard]] bool is_far(const Inventory& inventory, const core::Target& target);

// The host of the target when it is reached over SSH; null: this machine. Errc::Unavailable: it is
// not connected to by this configuration.
[[nodiscard]] Result<const FarHost*> far_host(const CheckTools& tools, const core::Target& target);

}  // namespace fieldmedic

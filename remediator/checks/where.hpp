// On which machine a check looks. Internal to checks/.
#pragma once

#include <memory>
#include <string_view>

#include "remediator/checks/check.hpp"

namespace fieldmedic {

// Whether the target is on a host other than the remediator's own.
[[nodiscard]] bool is_far(const Inventory& inventory, const core::Target& target);

// A check that looks at this machine only: Unknown for targets on others.
[[nodiscard]] std::unique_ptr<Check> here_only(std::string_view name, std::unique_ptr<Check> check,
                                               const CheckTools& tools);

}  // namespace fieldmedic

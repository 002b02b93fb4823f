// Which incident owns the cause of another, and when many faults are one (D6), written a second
// time.
#pragma once

#include <string>

#include "remediator/core/policy.hpp"
#include "tests/sim/ledger.hpp"

namespace fieldmedic::core::sim {

// Whether `owner`, which is open, owns the cause of an incident on `target`.
[[nodiscard]] bool owns(const Case& owner, const Target& target, const Policy& policy);

// Whether any open incident does.
[[nodiscard]] bool is_owned(const Ledger& ledger, const Target& target, const Policy& policy);

// Whether the open incidents on members of the group make a fault of this class now.
[[nodiscard]] bool is_wide(const Ledger& ledger, const std::string& group, Fault fault,
                           const Policy& policy, Time now);

}  // namespace fieldmedic::core::sim

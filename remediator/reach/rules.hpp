// The IPv4 policy rules of this host (ip-rule(8)), and one change of them at a time. Errors and
// network namespace: rtnetlink.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct PolicyRule {
  std::uint32_t priority = 0;  // the lowest is asked first
  std::uint32_t table = 0;     // 0: it leads to none
  bool of_all = false;         // of every packet, without a further condition
  bool lends_default = true;   // false: it takes no default route (suppress_prefixlength 0)

  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

// In the order in which the kernel asks them, by priority.
[[nodiscard]] Result<std::vector<PolicyRule>> policy_rules();

// That every packet asks the table, at that priority. Conflict: there is one like it.
[[nodiscard]] Status add_policy_rule(std::uint32_t priority, std::uint32_t table);
// Conflict: there is none.
[[nodiscard]] Status remove_policy_rule(std::uint32_t priority, std::uint32_t table);

}  // namespace fieldmedic

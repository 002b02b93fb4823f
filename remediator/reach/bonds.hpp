// The bonds of this host and which slave each sends by, by rtnetlink(7): active-backup only.
//
// Sees the network namespace of the calling thread; waits two seconds for the kernel at most.
// Errors beside the named: Errc::Denied (a change wants CAP_NET_ADMIN), Malformed, Unavailable,
// TooLarge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/bond_messages.hpp"

namespace fieldmedic {

struct BondSlave {
  std::string name;
  // By the bond's own monitoring, and by its carrier: a bond that monitors nothing takes every
  // slave for up.
  bool can_carry = false;
  std::int32_t priority = 0;

  friend bool operator==(const BondSlave&, const BondSlave&) = default;
};

struct Bond {
  std::string name;
  bool is_active_backup = false;
  bool reselects_always = false;  // primary_reselect: what is preferred takes over when it is up
  std::string active;             // empty: none
  std::string primary;            // empty: none
  std::vector<BondSlave> slaves{};

  friend bool operator==(const Bond&, const Bond&) = default;
};

// Of all the links of a host. Errc::NotFound: none of that name. Errc::Invalid: it is no bond.
[[nodiscard]] Result<Bond> bond_among(const std::vector<LinkFacts>& links, const std::string& name);
[[nodiscard]] Result<Bond> read_bond(const std::string& name);

// What can be told before the change; whether the slave leads anywhere cannot, since a backup takes
// no answers. Errc::Conflict, with the reason.
[[nodiscard]] Status may_become_active(const Bond& bond, const std::string& slave);

// Well only when the kernel names it afterwards. Errc::NotFound: either is not there.
// Errc::Invalid: the slave has no link. Errc::Conflict: another is active at once.
[[nodiscard]] Status make_active_slave(const std::string& bond, const std::string& slave);

}  // namespace fieldmedic

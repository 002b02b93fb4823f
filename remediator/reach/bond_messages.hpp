// What rtnetlink(7) says of one interface, as far as bonds want it, and the order that makes a
// slave the active one: bytes only. Internal to reach/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "remediator/reach/rtnetlink.hpp"

namespace fieldmedic {

// Of IFLA_LINKINFO where the interface is a bond. Interfaces by their index; 0: none.
struct BondFacts {
  bool is_active_backup = false;  // its mode
  unsigned active = 0;
  unsigned primary = 0;
  bool reselects_always = false;  // primary_reselect: what is preferred takes over when it is up

  friend bool operator==(const BondFacts&, const BondFacts&) = default;
};

// And where it is a slave of one.
struct SlaveFacts {
  bool is_up = false;  // by the bond's own monitoring, MII or ARP
  std::int32_t priority = 0;

  friend bool operator==(const SlaveFacts&, const SlaveFacts&) = default;
};

struct LinkFacts {
  unsigned index = 0;
  std::string name;
  bool has_carrier = false;  // and is administratively up
  unsigned master = 0;
  std::optional<BondFacts> bond;
  std::optional<SlaveFacts> slave;
};

// Of an RTM_NEWLINK. What it does not say stays as above, from which nothing is switched.
// Errc::Malformed: it is something else.
[[nodiscard]] Result<LinkFacts> read_link_facts(const nlmsghdr* message);

// RTM_NEWLINK of the bond, for ask_rtnetlink.
[[nodiscard]] nlmsghdr* order_active_slave(RtnetlinkRequest& buffer, unsigned bond, unsigned slave);

}  // namespace fieldmedic

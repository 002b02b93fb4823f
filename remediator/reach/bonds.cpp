#include "remediator/reach/bonds.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <libmnl/libmnl.h>

#include "remediator/reach/rtnetlink.hpp"

namespace fieldmedic {

namespace {

struct Listing {
  std::vector<LinkFacts> links;
  Status status;
};

int take_link(const nlmsghdr* message, void* data) {
  auto& listing = *static_cast<Listing*>(data);
  auto facts = read_link_facts(message);
  if (facts)
    listing.links.push_back(*std::move(facts));
  else
    listing.status = fail(facts.error());
  return MNL_CB_OK;
}

Result<std::vector<LinkFacts>> links_of_host() {
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, RTM_GETLINK, NLM_F_DUMP);
  ifinfomsg question{};
  question.ifi_family = AF_UNSPEC;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof question), &question, sizeof question);
  Listing listing;
  if (auto asked = ask_rtnetlink(head, "bonds: list links", take_link, &listing); !asked)
    return fail(asked.error());
  if (!listing.status) return fail(listing.status.error());
  return std::move(listing.links);
}

// The name that goes with an index; empty: there is none.
std::string name_among(const std::vector<LinkFacts>& links, unsigned index) {
  const auto link = std::ranges::find(links, index, &LinkFacts::index);
  return index == 0 || link == links.end() ? std::string() : link->name;
}

// With primary_reselect always the kernel goes to the primary, or without one to the slave of the
// highest priority, as soon as that one's link comes up: also to one that is down now.
Status is_preferred(const Bond& bond, const BondSlave& slave) {
  const auto first = std::ranges::max_element(bond.slaves, {}, &BondSlave::priority);
  const bool has_primary = !bond.primary.empty();
  if (has_primary ? bond.primary == slave.name : first->priority <= slave.priority) return {};
  return fail(Errc::Conflict,
              fmt::format("{} is {} of {} with primary_reselect always: the kernel would go back "
                          "to it by itself (ip link set {} type bond primary_reselect failure)",
                          has_primary ? bond.primary : first->name,
                          has_primary ? "the primary" : "the slave of highest priority", bond.name,
                          bond.name));
}

}  // namespace

Result<Bond> bond_among(const std::vector<LinkFacts>& links, const std::string& name) {
  const auto link = std::ranges::find(links, name, &LinkFacts::name);
  if (link == links.end())
    return fail(Errc::NotFound, fmt::format("this host has no interface '{}'", name));
  if (!link->bond) return fail(Errc::Invalid, fmt::format("'{}' is no bond", name));
  Bond bond{name, link->bond->is_active_backup, link->bond->reselects_always,
            name_among(links, link->bond->active), name_among(links, link->bond->primary)};
  for (const LinkFacts& each : links)
    if (each.master == link->index && each.slave)
      bond.slaves.push_back(
          {each.name, each.slave->is_up && each.has_carrier, each.slave->priority});
  return bond;
}

Result<Bond> read_bond(const std::string& name) {
  const auto links = links_of_host();
  if (!links) return fail(links.error());
  return bond_among(*links, name);
}

Status may_become_active(const Bond& bond, const std::string& slave) {
  if (!bond.is_active_backup)
    return fail(Errc::Conflict, fmt::format("the mode of {} is not active-backup", bond.name));
  const auto named = std::ranges::find(bond.slaves, slave, &BondSlave::name);
  if (named == bond.slaves.end())
    return fail(Errc::Conflict, fmt::format("'{}' is no slave of {}", slave, bond.name));
  if (bond.active.empty())
    return fail(Errc::Conflict, fmt::format("no slave of {} is active", bond.name));
  if (bond.active == slave)
    return fail(Errc::Conflict,
                fmt::format("{} is the active slave of {} already", slave, bond.name));
  if (!named->can_carry)
    return fail(Errc::Conflict, fmt::format("{} of {} has no link", slave, bond.name));
  return bond.reselects_always ? is_preferred(bond, *named) : Status{};
}

Status make_active_slave(const std::string& bond, const std::string& slave) {
  const unsigned bond_index = if_nametoindex(bond.c_str());
  const unsigned slave_index = if_nametoindex(slave.c_str());
  if (bond_index == 0 || slave_index == 0)
    return fail(Errc::NotFound,
                fmt::format("this host has no interface '{}'", bond_index == 0 ? bond : slave));
  RtnetlinkRequest buffer{};
  nlmsghdr* head = order_active_slave(buffer, bond_index, slave_index);
  const auto asked = ask_rtnetlink(head, fmt::format("bonds: make {} active", slave), {}, {});
  if (!asked && asked.error().code == Errc::Invalid)
    return fail(Errc::Invalid, asked.error().message + " (is its link down?)");
  if (!asked) return asked;
  const auto now = read_bond(bond);
  if (!now) return fail(Errc::Unavailable, now.error().message);
  if (now->active == slave) return {};
  return fail(Errc::Conflict, fmt::format("{} was made active, but the active slave of {} is '{}'",
                                          slave, bond, now->active));
}

}  // namespace fieldmedic

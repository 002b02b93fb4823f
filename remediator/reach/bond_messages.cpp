#include "remediator/reach/bond_messages.hpp"

#include <linux/if.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <string_view>

#include <libmnl/libmnl.h>

namespace fieldmedic {

namespace {

constexpr std::string_view kBond = "bond";
// IFLA_BOND_SLAVE_PRIO, which older headers lack; kernels from 6.0 on say it.
constexpr int kSlavePriority = 9;
constexpr std::uint8_t kReselectAlways = 0;  // BOND_PRI_RESELECT_ALWAYS, which no header exports

bool is_byte(const nlattr* attribute, std::uint8_t wanted) {
  return mnl_attr_get_payload_len(attribute) >= sizeof wanted &&
         mnl_attr_get_u8(attribute) == wanted;
}

std::uint32_t number_of(const nlattr* attribute) {
  return mnl_attr_get_payload_len(attribute) >= sizeof(std::uint32_t) ? mnl_attr_get_u32(attribute)
                                                                      : 0;
}

std::string text_of(const nlattr* attribute) {
  const char* const text = mnl_attr_get_str(attribute);
  return {text, strnlen(text, mnl_attr_get_payload_len(attribute))};
}

int read_bond(const nlattr* attribute, void* data) {
  auto& bond = *static_cast<BondFacts*>(data);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_BOND_MODE: bond.is_active_backup = is_byte(attribute, BOND_MODE_ACTIVEBACKUP); break;
    case IFLA_BOND_ACTIVE_SLAVE: bond.active = number_of(attribute); break;
    case IFLA_BOND_PRIMARY: bond.primary = number_of(attribute); break;
    case IFLA_BOND_PRIMARY_RESELECT:
      bond.reselects_always = is_byte(attribute, kReselectAlways);
      break;
    default: break;
  }
  return MNL_CB_OK;
}

int read_slave(const nlattr* attribute, void* data) {
  auto& slave = *static_cast<SlaveFacts*>(data);
  const auto type = mnl_attr_get_type(attribute);
  if (type == IFLA_BOND_SLAVE_MII_STATUS) slave.is_up = is_byte(attribute, BOND_LINK_UP);
  if (type == kSlavePriority) slave.priority = static_cast<std::int32_t>(number_of(attribute));
  return MNL_CB_OK;
}

// Where IFLA_LINKINFO holds what; each kind comes before its data, but nothing promises it.
struct LinkInfo {
  std::string kind;
  std::string slave_kind;
  const nlattr* data = nullptr;
  const nlattr* slave_data = nullptr;
};

int read_info(const nlattr* attribute, void* data) {
  auto& info = *static_cast<LinkInfo*>(data);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_INFO_KIND: info.kind = text_of(attribute); break;
    case IFLA_INFO_SLAVE_KIND: info.slave_kind = text_of(attribute); break;
    case IFLA_INFO_DATA: info.data = attribute; break;
    case IFLA_INFO_SLAVE_DATA: info.slave_data = attribute; break;
    default: break;
  }
  return MNL_CB_OK;
}

void take_info(const nlattr* attribute, LinkFacts& facts) {
  LinkInfo info;
  mnl_attr_parse_nested(attribute, read_info, &info);
  if (info.kind == kBond && info.data != nullptr)
    mnl_attr_parse_nested(info.data, read_bond, &facts.bond.emplace());
  if (info.slave_kind == kBond && info.slave_data != nullptr)
    mnl_attr_parse_nested(info.slave_data, read_slave, &facts.slave.emplace());
}

int read_attribute(const nlattr* attribute, void* data) {
  auto& facts = *static_cast<LinkFacts*>(data);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME: facts.name = text_of(attribute); break;
    case IFLA_MASTER: facts.master = number_of(attribute); break;
    case IFLA_LINKINFO: take_info(attribute, facts); break;
    default: break;
  }
  return MNL_CB_OK;
}

}  // namespace

Result<LinkFacts> read_link_facts(const nlmsghdr* message) {
  ifinfomsg head;
  if (message->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(message) < sizeof head)
    return fail(Errc::Malformed, "bonds: the kernel says something else than a link");
  std::memcpy(&head, mnl_nlmsg_get_payload(message), sizeof head);
  LinkFacts facts;
  facts.index = static_cast<unsigned>(head.ifi_index);
  constexpr unsigned kCarries = IFF_UP | IFF_LOWER_UP;
  facts.has_carrier = (head.ifi_flags & kCarries) == kCarries;
  mnl_attr_parse(message, sizeof head, read_attribute, &facts);
  return facts;
}

nlmsghdr* order_active_slave(RtnetlinkRequest& buffer, unsigned bond, unsigned slave) {
  nlmsghdr* head = begin_rtnetlink(buffer, RTM_NEWLINK, NLM_F_ACK);
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = static_cast<int>(bond);
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof link), &link, sizeof link);
  nlattr* info = mnl_attr_nest_start(head, IFLA_LINKINFO);
  mnl_attr_put(head, IFLA_INFO_KIND, kBond.size(), kBond.data());
  nlattr* data = mnl_attr_nest_start(head, IFLA_INFO_DATA);
  mnl_attr_put_u32(head, IFLA_BOND_ACTIVE_SLAVE, slave);
  mnl_attr_nest_end(head, data);
  mnl_attr_nest_end(head, info);
  return head;
}

}  // namespace fieldmedic

#include "remediator/reach/rules.hpp"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include <libmnl/libmnl.h>

#include "remediator/reach/rtnetlink.hpp"

namespace fieldmedic {

namespace {

constexpr std::uint32_t kNoSuppression = 0xFFFFFFFF;

int read_attribute(const nlattr* attribute, void* data) {
  // What says who made the rule, or that nothing is asked.
  constexpr std::array kWithoutMeaning{FRA_PROTOCOL, FRA_PAD, FRA_UNSPEC};
  auto& rule = *static_cast<PolicyRule*>(data);
  const auto type = mnl_attr_get_type(attribute);
  const bool is_number = mnl_attr_get_payload_len(attribute) == sizeof(std::uint32_t);
  const std::uint32_t number = is_number ? mnl_attr_get_u32(attribute) : 0;
  if (type == FRA_PRIORITY && is_number) {
    rule.priority = number;
  } else if (type == FRA_TABLE && is_number) {
    rule.table = number;
  } else if (type == FRA_SUPPRESS_PREFIXLEN && is_number) {
    // A longer prefix keeps routes to networks from it too.
    if (number == 0) rule.lends_default = false;
    if (number != 0 && number != kNoSuppression) rule.of_all = false;
  } else if (std::ranges::find(kWithoutMeaning, type) == kWithoutMeaning.end()) {
    rule.of_all = false;  // a condition, such as a mark, an interface or a port
  }
  return MNL_CB_OK;
}

int take_rule(const nlmsghdr* message, void* data) {
  auto& rules = *static_cast<std::vector<PolicyRule>*>(data);
  if (mnl_nlmsg_get_payload_len(message) < sizeof(fib_rule_hdr)) return MNL_CB_OK;
  fib_rule_hdr head;
  std::memcpy(&head, mnl_nlmsg_get_payload(message), sizeof head);
  if (head.family != AF_INET) return MNL_CB_OK;
  PolicyRule rule;
  rule.table = head.table;
  rule.of_all = head.src_len == 0 && head.dst_len == 0 && head.tos == 0 &&
                (head.flags & FIB_RULE_INVERT) == 0;
  if (mnl_attr_parse(message, sizeof head, read_attribute, &rule) < 0) return MNL_CB_ERROR;
  if (head.action != FR_ACT_TO_TBL) rule.table = 0;
  rules.push_back(rule);
  return MNL_CB_OK;
}

Status change(std::uint32_t priority, std::uint32_t table, std::uint16_t type, int flags,
              std::string_view doing) {
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, type, NLM_F_ACK | flags);
  fib_rule_hdr rule{};
  rule.family = AF_INET;
  rule.table = RT_TABLE_UNSPEC;
  rule.action = FR_ACT_TO_TBL;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof rule), &rule, sizeof rule);
  mnl_attr_put_u32(head, FRA_PRIORITY, priority);
  mnl_attr_put_u32(head, FRA_TABLE, table);
  return ask_rtnetlink(head, doing, nullptr, nullptr);
}

}  // namespace

Result<std::vector<PolicyRule>> policy_rules() {
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, RTM_GETRULE, NLM_F_DUMP);
  fib_rule_hdr question{};
  question.family = AF_INET;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof question), &question, sizeof question);
  std::vector<PolicyRule> rules;
  if (auto asked = ask_rtnetlink(head, "rules: list", take_rule, &rules); !asked)
    return fail(asked.error());
  return rules;
}

Status add_policy_rule(std::uint32_t priority, std::uint32_t table) {
  return change(priority, table, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, "rules: add");
}

Status remove_policy_rule(std::uint32_t priority, std::uint32_t table) {
  return change(priority, table, RTM_DELRULE, 0, "rules: remove");
}

}  // namespace fieldmedic

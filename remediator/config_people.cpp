// Who may order what, what is out of bounds, and what wants a person's word.
#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

constexpr DurationBounds kExpires{std::chrono::seconds(10), kLongestWait};

}  // namespace

std::map<std::string, core::Role, std::less<>> read_roles(const YamlMap& root,
                                                          const WebConfig& web) {
  std::map<std::string, core::Role, std::less<>> roles;
  const YamlMap map = root.map("roles");
  for (const std::string& user : map.keys()) {
    const std::string word = map.one_of(user, {"viewer", "sender", "operator", "admin"}, "viewer");
    if (!web.basic_auth_users.contains(user))
      map.error(user, fmt::format("{} is no user of web_config_file", quote(user)));
    for (const core::Role role :
         {core::Role::Viewer, core::Role::Sender, core::Role::Operator, core::Role::Admin})
      if (to_string(role) == word) roles[user] = role;
  }
  map.done();
  return roles;
}

std::set<std::string, std::less<>> read_hosts(const YamlMap& map, std::string_view key,
                                              const Inventory& inventory) {
  std::set<std::string, std::less<>> hosts;
  for (const YamlValue& value : map.values(key)) {
    const std::string name = value.string().value_or("");
    if (inventory.group_of_host(name) == nullptr)
      value.error(fmt::format("'{}' wants names of hosts in groups, got {}", key, quote(name)));
    else
      hosts.insert(name);
  }
  return hosts;
}

core::Approval read_approval(const YamlMap& map) {
  core::Approval approval;
  if (map.one_of("from", {"operator", "admin"}, "operator") == "admin")
    approval.from = core::Role::Admin;
  approval.expires = read_bounded_duration(map, "expires", approval.expires, kExpires);
  const std::string word =
      map.one_of("otherwise", {"hand_over", "next_tier", "proceed"}, "hand_over");
  for (const core::AtExpiry at_expiry :
       {core::AtExpiry::HandOver, core::AtExpiry::NextTier, core::AtExpiry::Proceed})
    if (to_string(at_expiry) == word) approval.at_expiry = at_expiry;
  map.done();
  return approval;
}

}  // namespace fieldmedic

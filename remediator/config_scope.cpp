// What makes a fault wider than one target: `scope` of groups, `depends_on` of collectors.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr DurationBounds kWithin{seconds{1}, hours{24}};
constexpr int kMostMembers = 1'000;

core::ClusterRule read_cluster(const YamlMap& map) {
  core::ClusterRule rule;
  rule.share = read_share(map, "share", rule.share);
  rule.within = read_bounded_duration(map, "within", rule.within, kWithin);
  map.done();
  return rule;
}

core::CascadeRule read_cascade(const YamlMap& map) {
  core::CascadeRule rule;
  rule.members = static_cast<int>(map.integer("members", rule.members, 2, kMostMembers));
  rule.within = read_bounded_duration(map, "within", rule.within, kWithin);
  rule.apart = read_bounded_duration(map, "apart", rule.apart, kWithin);
  map.done();
  return rule;
}

// "NAME": of the same group; "NAME@HOST": anywhere.
bool is_known(const std::string& name, const GroupSpec& group, const Inventory& inventory) {
  const std::size_t at = name.find('@');
  if (at == std::string::npos)
    return std::ranges::find(group.collectors, name, &CollectorSpec::name) !=
           group.collectors.end();
  core::Target target{core::TargetKind::Collector, name.substr(0, at), name.substr(at + 1), {}};
  return inventory.collector(target) != nullptr;
}

// A target that depends on itself by way of others, or nothing. Takes away, again and again, what
// depends on nothing that is left.
std::string circle_in(std::map<std::string, std::vector<std::string>, std::less<>> upstream) {
  for (bool moved = true; moved;) {
    moved = std::erase_if(upstream, [&upstream](const auto& each) {
              return std::ranges::none_of(each.second, [&upstream](const std::string& above) {
                return upstream.contains(above);
              });
            }) != 0;
  }
  return upstream.empty() ? std::string() : upstream.begin()->first;
}

}  // namespace

ScopeSpec read_scope(const YamlMap& map) {
  ScopeSpec scope;
  if (map.has("cluster")) scope.cluster = read_cluster(map.map("cluster"));
  if (map.has("cascade")) scope.cascade = read_cascade(map.map("cascade"));
  scope.playbook = map.string("playbook", "");
  if ((scope.cluster || scope.cascade) && scope.playbook.empty())
    map.error("'playbook' is missing, wants the one that serves the group as a whole");
  map.done();
  return scope;
}

void check_dependencies(const YamlMap& root, const Inventory& inventory) {
  std::size_t index = 0;
  for (const YamlMap& map : root.maps("groups")) {
    const GroupSpec& group = inventory.groups[index++];
    for (const YamlMap& collector : map.maps("collectors"))
      for (const YamlValue& value : collector.values("depends_on")) {
        const std::string name = value.string().value_or("");
        if (!is_known(name, group, inventory))
          value.error(fmt::format(
              "'depends_on' wants a collector of this group or NAME@HOST, got {}", quote(name)));
      }
  }
  if (const std::string circle = circle_in(inventory.upstream()); !circle.empty())
    root.error("groups",
               fmt::format("'depends_on' goes in a circle: {} depends on itself", circle));
}

void check_scopes(const YamlMap& root, const std::vector<PlaybookConfig>& playbooks) {
  for (const YamlMap& map : root.maps("groups")) {
    if (!map.has("scope")) continue;
    const std::string name = map.map("scope").string("playbook", "");
    if (name.empty()) continue;
    const auto found = std::ranges::find_if(
        playbooks, [&name](const PlaybookConfig& each) { return each.playbook->name == name; });
    if (found == playbooks.end() || !found->target.group)
      map.map("scope").error(
          "playbook",
          fmt::format("'playbook' wants one whose target is a group, got {}", quote(name)));
  }
}

}  // namespace fieldmedic

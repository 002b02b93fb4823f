#include "remediator/reach/inventory.hpp"

#include <algorithm>

namespace fieldmedic {

std::vector<std::string> GroupSpec::members() const {
  std::vector<std::string> names = watched;
  for (const HostSpec& host : hosts) names.push_back(host.name);
  return names;
}

const GroupSpec* Inventory::group_of_host(std::string_view host) const {
  for (const GroupSpec& group : groups)
    for (const HostSpec& candidate : group.hosts)
      if (candidate.name == host) return &group;
  return nullptr;
}

const HostSpec* Inventory::host(std::string_view name) const {
  for (const GroupSpec& group : groups)
    for (const HostSpec& candidate : group.hosts)
      if (candidate.name == name) return &candidate;
  return nullptr;
}

const GroupSpec* Inventory::group(std::string_view name) const {
  const auto found = std::ranges::find(groups, name, &GroupSpec::name);
  return found == groups.end() ? nullptr : &*found;
}

const GroupSpec* Inventory::group_watching(std::string_view host) const {
  const auto found = std::ranges::find_if(groups, [host](const GroupSpec& group) {
    return std::ranges::binary_search(group.watched, host);
  });
  return found == groups.end() ? nullptr : &*found;
}

std::map<std::string, std::vector<std::string>, std::less<>> Inventory::upstream() const {
  std::map<std::string, std::vector<std::string>, std::less<>> upstream;
  for (const GroupSpec& each : groups)
    for (const HostSpec& host : each.hosts)
      for (const CollectorSpec& below : each.collectors)
        for (const std::string& above : below.depends_on)
          upstream["collector/" + below.name + "@" + host.name].push_back(
              "collector/" + above + (above.contains('@') ? "" : "@" + host.name));
  return upstream;
}

const CollectorSpec* Inventory::collector(const core::Target& target) const {
  const GroupSpec* group = group_of_host(target.host);
  if (group == nullptr) return nullptr;
  const auto found = std::ranges::find(group->collectors, target.name, &CollectorSpec::name);
  return found == group->collectors.end() ? nullptr : &*found;
}

}  // namespace fieldmedic

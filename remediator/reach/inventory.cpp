#include "remediator/reach/inventory.hpp"

#include <algorithm>

namespace fieldmedic {

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

const CollectorSpec* Inventory::collector(const core::Target& target) const {
  const GroupSpec* group = group_of_host(target.host);
  if (group == nullptr) return nullptr;
  const auto found = std::ranges::find(group->collectors, target.name, &CollectorSpec::name);
  return found == group->collectors.end() ? nullptr : &*found;
}

}  // namespace fieldmedic

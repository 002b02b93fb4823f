#include "remediator/actions/unit_resources.hpp"

#include <fmt/core.h>

namespace fieldmedic {

std::vector<std::string> unit_resources(const core::Target& target, const std::string& name,
                                        const std::string& id, const Inventory& inventory) {
  std::vector<std::string> resources{fmt::format("host/{}/unit/{}", target.host, id)};
  const GroupSpec* group = inventory.group_of_host(target.host);
  if (group == nullptr) return resources;
  const CollectorSpec* own = inventory.collector(target);
  for (const CollectorSpec& collector : group->collectors)
    if (&collector == own || collector.unit == name || collector.unit == id)
      resources.push_back(fmt::format("host/{}/process/{}", target.host, collector.name));
  return resources;
}

}  // namespace fieldmedic

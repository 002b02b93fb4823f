#include "remediator/checks/where.hpp"

#include <fmt/core.h>

namespace fieldmedic {

bool is_far(const Inventory& inventory, const core::Target& target) {
  const HostSpec* host = inventory.host(target.host);
  return host != nullptr && host->reach != Reach::Local;
}

Result<const FarHost*> far_host(const CheckTools& tools, const core::Target& target) {
  if (!is_far(*tools.inventory, target)) return nullptr;
  if (tools.far != nullptr)
    if (const auto found = tools.far->find(target.host); found != tools.far->end())
      return &found->second;
  return fail(Errc::Unavailable, fmt::format("{} is reached {}, and not connected to", target.host,
                                             in_words(tools.inventory->host(target.host)->reach)));
}

}  // namespace fieldmedic

// An inventory of one collector on one host, and the target that names it.
#pragma once

#include <memory>
#include <utility>

#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

inline const core::Target kOrders{core::TargetKind::Collector, "orders", "lab", "local"};

// The collector's name is set to that of kOrders.
inline std::shared_ptr<const Inventory> inventory_of(CollectorSpec collector) {
  collector.name = kOrders.name;
  return std::make_shared<const Inventory>(Inventory{
      {GroupSpec{kOrders.group, {HostSpec{kOrders.host, Reach::Local}}, {std::move(collector)}}}});
}

}  // namespace fieldmedic

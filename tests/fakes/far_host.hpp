// An inventory of one collector on one host over SSH, as actions see it.
#pragma once

#include <memory>
#include <utility>

#include "remediator/reach/far_hosts.hpp"
#include "remediator/reach/systemd.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

inline std::shared_ptr<const Inventory> far_inventory_of(CollectorSpec collector) {
  Inventory inventory = *inventory_of(std::move(collector));
  inventory.groups[0].hosts[0].reach = Reach::Ssh;
  return std::make_shared<const Inventory>(std::move(inventory));
}

inline std::shared_ptr<const FarHosts> far_hosts_of(std::shared_ptr<ProcessRunner> runner,
                                                    std::shared_ptr<Systemd> systemd = nullptr) {
  auto hosts = std::make_shared<FarHosts>();
  FarHost host;
  host.runner = std::move(runner);
  host.systemd = std::move(systemd);
  hosts->emplace(kOrders.host, std::move(host));
  return hosts;
}

}  // namespace fieldmedic

#include "remediator/reach/far_hosts.hpp"

#include <utility>

#include "remediator/reach/far_systemd.hpp"
#include "remediator/reach/ssh_connection.hpp"

namespace fieldmedic {

namespace {

FarHost make_host(const HostSpec& host, const Clock& clock, const FarHosts* before) {
  if (before != nullptr) {
    const auto same = before->find(host.name);
    if (same != before->end() && same->second.access == host.ssh) return same->second;
  }
  auto connection = std::make_shared<SshConnection>(host.ssh, clock);
  auto systemd = std::make_shared<FarSystemd>(connection, host.ssh.as_root);
  return {host.ssh, std::move(connection), std::move(systemd)};
}

}  // namespace

std::shared_ptr<const FarHosts> make_far_hosts(const Inventory& inventory, const Clock& clock,
                                               const FarHosts* before) {
  auto hosts = std::make_shared<FarHosts>();
  for (const GroupSpec& group : inventory.groups)
    for (const HostSpec& host : group.hosts)
      if (host.reach == Reach::Ssh) hosts->emplace(host.name, make_host(host, clock, before));
  return hosts;
}

}  // namespace fieldmedic

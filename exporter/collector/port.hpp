// Whether each collector's ports are listened on: collector_port_listening. Nobody connects to
// them: the kernel is asked for its listening sockets.
#pragma once

#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/listen_address.hpp"
#include "exporter/module.hpp"
#include "exporter/netlink/socket_diag.hpp"

namespace fieldmedic {

// Serves every collector that has ports. An address that is none is absent.
class PortModule final : public Module {
 public:
  explicit PortModule(const std::vector<CollectorConfig>& collectors);

  [[nodiscard]] std::string_view name() const override { return "port"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  struct Port {
    std::string collector;
    std::string text;  // as configured: the label `address`
    ListenAddress address;
  };
  std::vector<Port> ports_;
  SocketDiag diag_;
};

}  // namespace fieldmedic

#include "exporter/collector/port.hpp"

#include <algorithm>
#include <utility>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

constexpr FamilyHead kListening = {
    "collector_port_listening",
    "Whether a TCP socket listens on the address (a wildcard socket serves every address).",
    prometheus::MetricType::Gauge};

}  // namespace

PortModule::PortModule(const std::vector<CollectorConfig>& collectors) {
  for (const auto& collector : collectors) {
    for (const auto& text : collector.ports) {
      if (const auto address = parse_listen_address(text)) {
        ports_.push_back({collector.name, text, *address});
      }
    }
  }
}

Result<Families> PortModule::collect(SteadyTime) {
  std::vector<Listener> listeners;
  auto status = diag_.listeners([&](const InetSocket& socket) {
    listeners.push_back({{socket.local, socket.local_port}, socket.v6_only});
  });
  if (!status) return fail(std::move(status.error()));
  CollectorFamily family(kListening);
  for (const auto& port : ports_) {
    const bool served = std::ranges::any_of(
        listeners, [&](const Listener& listener) { return listener.serves(port.address); });
    family.add(port.collector, served ? 1 : 0, {{"address", port.text}});
  }
  Families families;
  std::move(family).append_to(families);
  return families;
}

}  // namespace fieldmedic

#include "exporter/host/netdev.hpp"

#include <algorithm>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/name_filter.hpp"

namespace fieldmedic {
namespace {

struct Field {
  std::string_view name;
  std::string_view help;
};

// In the order of the file.
constexpr std::array<Field, kNetdevFields> kFields{{
    {"node_network_receive_bytes_total", "Network device statistic receive_bytes."},
    {"node_network_receive_packets_total", "Network device statistic receive_packets."},
    {"node_network_receive_errs_total", "Network device statistic receive_errs."},
    {"node_network_receive_drop_total", "Network device statistic receive_drop."},
    {"node_network_receive_fifo_total", "Network device statistic receive_fifo."},
    {"node_network_receive_frame_total", "Network device statistic receive_frame."},
    {"node_network_receive_compressed_total", "Network device statistic receive_compressed."},
    {"node_network_receive_multicast_total", "Network device statistic receive_multicast."},
    {"node_network_transmit_bytes_total", "Network device statistic transmit_bytes."},
    {"node_network_transmit_packets_total", "Network device statistic transmit_packets."},
    {"node_network_transmit_errs_total", "Network device statistic transmit_errs."},
    {"node_network_transmit_drop_total", "Network device statistic transmit_drop."},
    {"node_network_transmit_fifo_total", "Network device statistic transmit_fifo."},
    {"node_network_transmit_colls_total", "Network device statistic transmit_colls."},
    {"node_network_transmit_carrier_total", "Network device statistic transmit_carrier."},
    {"node_network_transmit_compressed_total", "Network device statistic transmit_compressed."},
}};

class NetdevModule final : public Module {
 public:
  NetdevModule(KeptFile file, const NetdevConfig& config)
      : file_(std::move(file)), devices_(config.devices) {}
  [[nodiscard]] std::string_view name() const override { return "netdev"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    auto devices = parse_netdev(*text);
    if (!devices) return fail(devices.error());
    std::erase_if(*devices,
                  [&](const NetdevStats& stats) { return devices_.leaves_out(stats.device); });

    Families families;
    if (devices->empty()) return families;
    families.reserve(kNetdevFields);
    for (std::size_t i = 0; i < kNetdevFields; ++i) {
      auto& family = families.emplace_back(make_family(
          kFields[i].name, kFields[i].help, prometheus::MetricType::Counter, devices->size()));
      for (const auto& stats : *devices) {
        add_sample(family, static_cast<double>(stats.values[i]), {{"device", stats.device}});
      }
    }
    return families;
  }

 private:
  KeptFile file_;
  NameFilter devices_;
};

}  // namespace

Result<std::vector<NetdevStats>> parse_netdev(std::string_view text) {
  if (auto whole = require_whole(text, "net/dev"); !whole) return fail(std::move(whole.error()));
  const auto first = take_line(text);
  const auto second = take_line(text);
  if (first.find('|') == std::string_view::npos || second.find('|') == std::string_view::npos) {
    return malformed("net/dev", "a heading of two lines", first);
  }
  std::vector<NetdevStats> devices;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    // A number may follow the colon without a blank; the name itself may hold colons (eth0:1).
    const auto colon = line.rfind(':');
    NetdevStats stats;
    if (colon != std::string_view::npos) {
      std::string_view name = line.substr(0, colon);
      stats.device = take_field(name);
      line.remove_prefix(colon + 1);
    }
    if (stats.device.empty()) return malformed("net/dev", "a device and a colon", shown);
    for (auto& value : stats.values) {
      if (!take_number(line, value)) return malformed("net/dev", "sixteen numbers", shown);
    }
    devices.push_back(stats);
  }
  return devices;
}

std::unique_ptr<Module> make_netdev_module(const HostRoot& host, const NetdevConfig& config) {
  KeptFile file(host.procfs / "net/dev", FileShape::ManyRecords);
  if (!file.exists()) return nullptr;
  return std::make_unique<NetdevModule>(std::move(file), config);
}

}  // namespace fieldmedic

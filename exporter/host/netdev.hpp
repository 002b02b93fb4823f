// Network device counters from /proc/net/dev, as node_exporter names them
// (node_network_receive_bytes_total{device} …). The loopback device is left out unless the
// configuration says otherwise, as Debian's node_exporter does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

inline constexpr std::size_t kNetdevFields = 16;  // eight received, eight sent

struct NetdevStats {
  std::string_view device;
  std::array<std::uint64_t, kNetdevFields> values{};  // in the order of the file
};

// Errc::Malformed when a line after the two of the heading has not sixteen numbers.
[[nodiscard]] Result<std::vector<NetdevStats>> parse_netdev(std::string_view text);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_netdev_module(const HostRoot& host,
                                                         const NetdevConfig& config);

}  // namespace fieldmedic

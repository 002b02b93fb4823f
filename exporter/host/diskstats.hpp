// Block device counters from /proc/diskstats, as node_exporter names them (node_disk_*). Fields:
// kernel, Documentation/admin-guide/iostats.rst; times are milliseconds there and wrap at 2^32.
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

inline constexpr std::size_t kDiskFields = 17;  // since Linux 5.5; 11 before 4.18, 15 before 5.5

struct DiskStats {
  std::string_view major;
  std::string_view minor;
  std::string_view device;
  std::size_t fields = 0;  // how many of `values` this kernel has
  std::array<std::uint64_t, kDiskFields> values{};
};

// In the order of the file; fields after the 17th are ignored. Fewer than 11: Errc::Malformed.
[[nodiscard]] Result<std::vector<DiskStats>> parse_diskstats(std::string_view text);

// nullptr: this host has no such file. The pattern was checked when the configuration was read; one
// that RE2 refuses excludes nothing.
[[nodiscard]] std::unique_ptr<Module> make_diskstats_module(const HostRoot& host,
                                                            const DiskstatsConfig& config);

}  // namespace fieldmedic

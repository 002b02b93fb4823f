// Interrupts, context switches, forks, boot time and run queue from /proc/stat, as node_exporter
// names them. The CPU lines of the same file belong to the module cpu.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct KernelStat {
  std::uint64_t interrupts = 0;
  std::uint64_t context_switches = 0;
  std::uint64_t boot_time_s = 0;  // unix time
  std::uint64_t forks = 0;
  std::uint64_t running = 0;  // tasks that run or could run
  std::uint64_t blocked = 0;  // tasks that wait for IO
};

// All of them or Errc::Malformed.
[[nodiscard]] Result<KernelStat> parse_kernel_stat(std::string_view text);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_stat_module(const HostRoot& host);

}  // namespace fieldmedic

// Every field of /proc/meminfo, as node_exporter names it: "Active(anon): 4 kB" is
// node_memory_Active_anon_bytes 4096.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct MemoryField {
  std::string_view key;  // "MemTotal", "Active(anon)"
  double value = 0;      // bytes, or a plain number (HugePages_Total)
  bool bytes = false;
};

// In the order of the file. A line of another shape is Errc::Malformed.
[[nodiscard]] Result<std::vector<MemoryField>> parse_meminfo(std::string_view text);

// "Active(anon)" counted in bytes is "Active_anon_bytes".
[[nodiscard]] std::string memory_metric(const MemoryField& field);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_meminfo_module(const HostRoot& host);

}  // namespace fieldmedic

// Counters of virtual memory from /proc/vmstat, as node_exporter names them (node_vmstat_pgpgin …):
// those whose name matches, by default paging, swapping, faults and OOM kills.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// A line of the file and what it is published as. A kernel lists its 200 fields in one order, of
// which 7 are published by default: so each line's name is looked at once.
struct VmstatField {
  std::string key;     // "pgpgin"
  std::string metric;  // "node_vmstat_pgpgin"; empty: not published
  std::string help;
};

using VmstatValue = std::function<void(const VmstatField& field, double value)>;

// "pgpgin 1146021", a field a line. `known` keeps the fields between calls, `published` says
// whether a name is one of them. Errc::Malformed when a line has no name or a published value is no
// number.
[[nodiscard]] Status parse_vmstat(std::string_view text, std::vector<VmstatField>& known,
                                  const std::function<bool(std::string_view)>& published,
                                  const VmstatValue& value);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_vmstat_module(const HostRoot& host,
                                                         const VmstatConfig& config);

}  // namespace fieldmedic

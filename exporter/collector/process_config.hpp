// How exporter.yml tells the processes of a collector from others.
#pragma once

#include <string>
#include <string_view>

#include "common/process_table.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {

// All parts that are set must hold. Without any: processes are not looked for.
struct ProcessConfig {
  ProcessPattern pattern{};  // pid file, executable, command line
  std::string unit{};        // "orders.service", a slice or a scope; found by its control group
  std::string container{};   // the start (12 hex digits or more) or all of a container's id

  [[nodiscard]] bool empty() const { return pattern.empty() && unit.empty() && container.empty(); }
  friend bool operator==(const ProcessConfig&, const ProcessConfig&) = default;
};

// {unit, container, pid_file, executable, command_line}; absent: empty. Given without any of them:
// an error.
[[nodiscard]] ProcessConfig read_process_config(const YamlMap& map, std::string_view key);

}  // namespace fieldmedic

// process {}: whether at least one of the collector's processes runs (stopped ones do not count),
// on this host or over SSH.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_process_check(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Check>> make_process_check(const std::string& arguments,
                                                                const CheckTools& tools);

}  // namespace fieldmedic

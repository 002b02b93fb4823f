// promql {query: 'up{job="{{ target.name }}"}', is: '== 1', timeout: 2s}: whether every series that
// the query answers satisfies the comparison (reference: Prometheus HTTP API, /api/v1/query). An
// empty answer, NaN, a warning (a partial answer) or an error is unknown. Placeholders are
// target.name, target.host, target.group, for use inside double-quoted strings.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_promql_check(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Check>> make_promql_check(const std::string& arguments,
                                                               const CheckTools& tools);

}  // namespace fieldmedic

// The table of checks: the one place that names them all.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"
#include "remediator/core/playbook.hpp"

namespace fieldmedic {

// Reads {NAME: {arguments}, hold: 10s} as written in verify.checks; `hold` defaults to the given
// one.
[[nodiscard]] core::CheckSpec read_check(const YamlMap& check, core::Duration hold);

// From a spec that read_check made (perhaps by an older version: Errc::Invalid).
[[nodiscard]] Result<std::unique_ptr<Check>> make_check(const core::Spec& spec,
                                                        const CheckTools& tools);

[[nodiscard]] std::vector<std::string_view> check_names();

// Whether a check of this name can look at a host that is reached so.
[[nodiscard]] bool check_serves(const core::Spec& check, const HostSpec& host);

}  // namespace fieldmedic

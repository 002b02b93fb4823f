// The table of actions: the one place that names them all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/core/playbook.hpp"

namespace fieldmedic {

// Reads {NAME: {arguments}} as written in a tier, records every error, and answers the spec with
// its arguments as canonical JSON. `beside` may be there too and is not looked at.
[[nodiscard]] core::Spec read_action(const YamlMap& action, std::string_view beside = {});

// From a spec that read_action made (perhaps by an older version: Errc::Invalid).
[[nodiscard]] Result<std::unique_ptr<Action>> make_action(const core::Spec& spec,
                                                          const ActionTools& tools);

// Who ends what the action changes while the remediator is away (S14); none: its change stays.
[[nodiscard]] std::optional<core::WhenAway> ended_when_away(const core::Spec& action);

// The hosts that its arguments name, beside that of its target.
[[nodiscard]] std::vector<std::string> hosts_named(const core::Spec& action);

[[nodiscard]] std::vector<std::string_view> action_names();

// Whether the action can be done for that host, as it is reached.
[[nodiscard]] bool action_serves(const core::Spec& action, const HostSpec& host);

}  // namespace fieldmedic

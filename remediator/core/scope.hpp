// What a brake applies to, by name: "all", "group/sh", "host/sh-01", "playbook/collector-down",
// "incident/17". Breakers also "playbook/collector-down/group/sh".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/incident.hpp"

namespace fieldmedic::core {

inline constexpr std::string_view kWholeFleet = "all";

// Every scope that the incident is in, the widest first.
[[nodiscard]] inline std::vector<std::string> scopes_of(const Incident& incident) {
  return {std::string(kWholeFleet), "group/" + incident.target.group,
          "host/" + incident.target.host, "playbook/" + incident.playbook->name,
          "incident/" + std::to_string(incident.id)};
}

// The two breakers that its failed verification counts for (S11), the narrower one first.
[[nodiscard]] inline std::vector<std::string> breakers_of(const Incident& incident) {
  return {"playbook/" + incident.playbook->name + "/group/" + incident.target.group,
          std::string(kWholeFleet)};
}

// Whether it has the form of a scope that can be paused.
[[nodiscard]] bool is_scope(std::string_view text);

}  // namespace fieldmedic::core

// Whether the condition of a tier (`when`) holds for an incident.
#pragma once

#include <string>

#include "remediator/core/condition.hpp"
#include "remediator/core/incident.hpp"

namespace fieldmedic::core {

struct Applicability {
  Truth truth = Truth::Yes;
  std::string why;           // for people, unless it holds; shows no value of a label
  bool may_be_told = false;  // a check that has not answered may still decide it
};

// By the incident's labels, firing alerts and the last answers of its checks. A label that is not
// there is unknown, and so is a check without an answer. Without `when` a tier applies.
[[nodiscard]] Applicability applicability(const Tier& tier, const Incident& incident);

// Whether a tier of this playbook asks for a check by name: then all have to answer, since the
// first failure is not evidence enough.
[[nodiscard]] bool asks_for_checks(const Playbook& playbook);

}  // namespace fieldmedic::core

// One fault on one target, from its first alert to its proven end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/alert.hpp"
#include "remediator/core/packed_labels.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/target.hpp"
#include "remediator/core/time.hpp"
#include "remediator/core/wide_fault.hpp"

namespace fieldmedic::core {

enum class Phase {
  Diagnosing,  // the checks are asked whether the target is sick at all
  Planning,    // an action reads the world and writes down what it wants
  Waiting,     // a guard said: not now
  Approving,   // a person is asked
  Acting,      // a step is being applied
  Confirming,  // the world is read again for what the step wanted
  Verifying,   // the checks must pass and hold
  Suspended,   // a wider incident owns its cause
  Recovered,
  HandedOver,
  Cancelled,
};

[[nodiscard]] constexpr bool is_open(Phase phase) {
  return phase < Phase::Recovered;
}

[[nodiscard]] constexpr std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::Diagnosing: return "diagnosing";
    case Phase::Planning: return "planning";
    case Phase::Waiting: return "waiting";
    case Phase::Approving: return "waiting_approval";
    case Phase::Acting: return "acting";
    case Phase::Confirming: return "confirming";
    case Phase::Verifying: return "verifying";
    case Phase::Suspended: return "suspended";
    case Phase::Recovered: return "recovered";
    case Phase::HandedOver: return "handed_over";
    case Phase::Cancelled: return "cancelled";
  }
  return "invalid";
}

// The last answer of one check and since when its verdict has been the same without a break.
struct CheckState {
  CheckAnswer answer;
  Time since;

  friend bool operator==(const CheckState&, const CheckState&) = default;
};

// The attempt under way: one tier's action from its plan to its verification.
struct Attempt {
  AttemptId id;
  Plan plan;
  std::uint32_t step = 0;
  Epoch intended_in = 0;       // the epoch of the latest ApplyIntended; 0: nothing intended yet
  Time step_since;             // of the latest ApplyIntended
  bool changed_world = false;  // a step was done or confirmed
  std::optional<Confirmed> confirm;  // the last answer for this step

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

// An alert of the incident: as it was last said to be, and its name.
struct HeldAlert {
  AlertStatus status = AlertStatus::Firing;
  std::string name;  // empty: recorded by a version that kept none

  friend bool operator==(const HeldAlert&, const HeldAlert&) = default;
};

// What a person is asked (S4).
struct Asked {
  std::string hash;  // of action, target and wanted state: what an answer is bound to
  std::string what;  // one line for people
  Role from = Role::Operator;
  Time expires_at;
  AtExpiry at_expiry = AtExpiry::HandOver;

  friend bool operator==(const Asked&, const Asked&) = default;
};

// The answer: good for one attempt at what has this hash, until then.
struct Granted {
  std::string hash;
  Time until;

  friend bool operator==(const Granted&, const Granted&) = default;
};

struct Incident {
  IncidentId id = 0;
  Target target;
  std::shared_ptr<const Playbook>
      playbook;  // as pinned; shared between incidents that pinned the same
  PackedLabels labels;
  std::map<AlertKey, HeldAlert> alerts;
  std::set<AlertKey> of_other_playbooks;  // which of them this ladder was not made for
  IncidentId relapse_of = 0;
  Fault fault = Fault::Node;
  IncidentId adopted_by = 0;  // while Suspended

  Phase phase = Phase::Diagnosing;
  std::uint64_t round =
      0;  // rises with every change of phase: answers to older questions are stale
  Time opened_at;
  Time phase_since;
  std::optional<Time> waiting_since;  // the first refusal since it last moved on
  std::uint32_t tier = 0;
  std::uint32_t attempts = 0;      // attempts numbered so far (plans asked for)
  std::uint32_t plans_anew = 0;    // of this tier: plans that the world had overtaken
  bool acted = false;              // an apply was intended at least once
  std::vector<CheckState> checks;  // empty until they have answered in this phase of life
  std::optional<Attempt> attempt;
  std::optional<Asked> asked;       // while Approving
  std::optional<Granted> granted;   // not used yet
  std::vector<std::string> wanted;  // resources of the plan that a guard refused
  std::string refused_by;           // the guard of the last refusal while waiting
  std::string reason;               // why it ended, or what it waits for

  [[nodiscard]] const Tier& current_tier() const { return playbook->tiers[tier]; }
  [[nodiscard]] bool still_alerting() const {
    for (const auto& [key, alert] : alerts)
      if (alert.status == AlertStatus::Firing) return true;
    return false;
  }
  // Under repair: what in-flight caps count and whose resources are held.
  [[nodiscard]] bool in_flight() const {
    return (phase == Phase::Acting || phase == Phase::Confirming || phase == Phase::Verifying) &&
           attempt.has_value();
  }
};

// Compares what the playbook pointer points to: two folds of one journal are equal.
[[nodiscard]] bool operator==(const Incident& a, const Incident& b);

}  // namespace fieldmedic::core

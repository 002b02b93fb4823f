// What is to be done about a kind of alert. Plain data: built from the configuration, pinned in the
// journal when an incident opens (S20), so it holds no secret and nothing that needs a clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/role.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// An action or a check by its name in the table, with its arguments as one JSON object
// (validated when the configuration was read; placeholders not yet filled in).
struct Spec {
  std::string type;
  std::string arguments = "{}";

  friend bool operator==(const Spec&, const Spec&) = default;
};

// What follows when nobody answered a request for approval in time.
enum class AtExpiry { HandOver, NextTier, Proceed };

[[nodiscard]] constexpr std::string_view to_string(AtExpiry at_expiry) {
  switch (at_expiry) {
    case AtExpiry::HandOver: return "hand_over";
    case AtExpiry::NextTier: return "next_tier";
    case AtExpiry::Proceed: return "proceed";
  }
  return "invalid";
}

// A person's word before a tier is applied (S4).
struct Approval {
  Role from = Role::Operator;  // at least
  Duration expires{900'000};   // the request, and then the answer
  AtExpiry at_expiry = AtExpiry::HandOver;

  friend bool operator==(const Approval&, const Approval&) = default;
};

struct CheckSpec {
  Spec check;
  Duration hold{0};  // how long it must pass without a break before the target counts as recovered

  friend bool operator==(const CheckSpec&, const CheckSpec&) = default;
};

// Whether a change that nobody would undo while the remediator is away needs a person's word.
enum class Unattended { NeedsApproval, Accepted };

[[nodiscard]] constexpr std::string_view to_string(Unattended unattended) {
  switch (unattended) {
    case Unattended::NeedsApproval: return "needs_approval";
    case Unattended::Accepted: return "accepted";
  }
  return "invalid";
}

// When a temporary change is undone (S14).
struct LeaseTerms {
  Duration length{3'600'000};    // at the latest, from the change on
  std::vector<CheckSpec> until;  // or when all of these pass for their hold; empty: not before
  Duration interval{15'000};     // between two rounds of them
  Unattended unattended = Unattended::NeedsApproval;

  friend bool operator==(const LeaseTerms&, const LeaseTerms&) = default;
};

struct Tier {
  std::string name;
  Spec action;
  Duration timeout{30'000};  // for one step of the action, from its intent to its confirmation
  std::optional<Approval> approval{};  // none: it needs none
  std::string when{};                  // condition.hpp; empty: it always applies
  std::optional<LeaseTerms> lease{};   // of a temporary change, and only of one

  friend bool operator==(const Tier&, const Tier&) = default;
};

struct Verification {
  Duration within{120'000};  // after an action, all checks must pass by then (and then hold)
  Duration interval{1'000};  // between two rounds of the checks
  std::vector<CheckSpec> checks;

  friend bool operator==(const Verification&, const Verification&) = default;
};

struct Limits {
  int attempts = 3;  // per target, over all incidents, within `per`
  Duration per{3'600'000};
  Duration cooldown{300'000};  // between the end of one attempt on a target and the next
  Duration patience{
      1'800'000};  // how long an incident may wait for a guard before a person is told

  friend bool operator==(const Limits&, const Limits&) = default;
};

// A fault that comes back soon is the same fault (S5).
struct Relapse {
  Duration within{
      1'800'000};   // a new occurrence this soon after the end goes on where the ladder stood
  int per_day = 3;  // more than this: handed over

  friend bool operator==(const Relapse&, const Relapse&) = default;
};

enum class Mode {
  Act,
  DryRun,  // decide, plan and record; apply nothing
};

[[nodiscard]] constexpr std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::Act: return "act";
    case Mode::DryRun: return "dry_run";
  }
  return "invalid";
}

struct Playbook {
  std::string name;
  std::vector<Tier> tiers;  // mildest first; not empty
  Verification verify;      // at least one check: recovered is proved
  Limits limits;
  Relapse relapse;
  std::vector<std::string> receivers;
  Mode mode = Mode::Act;

  friend bool operator==(const Playbook&, const Playbook&) = default;
};

}  // namespace fieldmedic::core

// What holds repairs back or lets them go on: approvals, pauses, breakers. Part of event.hpp.
#pragma once

#include <string>

#include "remediator/core/plan.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/role.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// A tier wants a person's word before it is applied (S4).
struct ApprovalRequested {
  IncidentId incident = 0;
  AttemptId attempt;
  std::string hash;  // of action, target and wanted state
  std::string what;
  Role from = Role::Operator;
  Time expires_at;
  AtExpiry at_expiry = AtExpiry::HandOver;
  friend bool operator==(const ApprovalRequested&, const ApprovalRequested&) = default;
};

struct Approved {
  IncidentId incident = 0;
  std::string hash;
  std::string by;
  Time until;  // it is good for one attempt that begins before
  friend bool operator==(const Approved&, const Approved&) = default;
};

// Nobody answered in time; what was said to follow then.
struct ApprovalExpired {
  IncidentId incident = 0;
  std::string hash;
  AtExpiry at_expiry = AtExpiry::HandOver;
  friend bool operator==(const ApprovalExpired&, const ApprovalExpired&) = default;
};

// A person holds everything in a scope (scope.hpp).
struct Paused {
  std::string scope;
  std::string why;  // "by alice: release"
  friend bool operator==(const Paused&, const Paused&) = default;
};

struct Unpaused {
  std::string scope;
  std::string why;
  friend bool operator==(const Unpaused&, const Unpaused&) = default;
};

// The repair did not help on one target after another (S11).
struct BreakerOpened {
  std::string scope;
  std::string why;
  friend bool operator==(const BreakerOpened&, const BreakerOpened&) = default;
};

// Only a person does; the count begins anew.
struct BreakerClosed {
  std::string scope;
  std::string why;
  friend bool operator==(const BreakerClosed&, const BreakerClosed&) = default;
};

// A wider incident owns its cause: it waits until that one ends. What was under way is dropped.
struct IncidentAdopted {
  IncidentId incident = 0;
  IncidentId by = 0;
  std::string reason;
  friend bool operator==(const IncidentAdopted&, const IncidentAdopted&) = default;
};

}  // namespace fieldmedic::core

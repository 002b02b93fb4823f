// The life of a temporary change (S14): taken with its intent, ended by its terms, undone, or left
// to a person. Part of event.hpp. `incident` is the one that took the lease, which may be over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/plan.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// Why the terms of a lease are over.
enum class LeaseEnd {
  UntilHeld,  // what it waited for passed for its hold
  RanOut,     // its time, and the target is well
  ByPerson,
};

[[nodiscard]] constexpr std::string_view to_string(LeaseEnd end) {
  switch (end) {
    case LeaseEnd::UntilHeld: return "until_held";
    case LeaseEnd::RanOut: return "ran_out";
    case LeaseEnd::ByPerson: return "by_person";
  }
  return "invalid";
}

// Stands before the first intent of the attempt, in the same commit: from then on the change may be
// in the world. Terms, plan and target are those of the incident at this moment.
struct LeaseTaken {
  IncidentId incident = 0;
  IncidentId lease = 0;  // its own number, counted with the incidents'
  AttemptId attempt;
  std::string resource;  // who else wants it waits
  Time ends_at;          // at the latest
  friend bool operator==(const LeaseTaken&, const LeaseTaken&) = default;
};

// It is proved that nothing was changed: there is nothing to undo.
struct LeaseVoided {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string reason;
  friend bool operator==(const LeaseVoided&, const LeaseVoided&) = default;
};

// What the checks of `until` said, recorded when it differs from the last time.
struct LeaseLooked {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::vector<CheckAnswer> answers;
  friend bool operator==(const LeaseLooked&, const LeaseLooked&) = default;
};

// Its terms are over: from now on it is being undone.
struct LeaseEnded {
  IncidentId incident = 0;
  IncidentId lease = 0;
  LeaseEnd how = LeaseEnd::RanOut;
  std::string reason;
  friend bool operator==(const LeaseEnded&, const LeaseEnded&) = default;
};

// The world is read for what is to be undone.
struct UndoRequested {
  IncidentId incident = 0;
  IncidentId lease = 0;
  AttemptId attempt;  // of the undo
  friend bool operator==(const UndoRequested&, const UndoRequested&) = default;
};

struct UndoPlanned {
  IncidentId incident = 0;
  IncidentId lease = 0;
  AttemptId attempt;
  Plan plan;
  friend bool operator==(const UndoPlanned&, const UndoPlanned&) = default;
};

// Not now: nothing was changed by this attempt at it, and it is tried again.
struct UndoDeferred {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string reason;
  friend bool operator==(const UndoDeferred&, const UndoDeferred&) = default;
};

struct UndoIntended {
  IncidentId incident = 0;
  IncidentId lease = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  std::string what;
  friend bool operator==(const UndoIntended&, const UndoIntended&) = default;
};

struct UndoApplied {
  IncidentId incident = 0;
  IncidentId lease = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  Applied outcome = Applied::Unknown;
  std::string evidence;
  friend bool operator==(const UndoApplied&, const UndoApplied&) = default;
};

struct UndoConfirmed {
  IncidentId incident = 0;
  IncidentId lease = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  Confirmed answer = Confirmed::Unknown;
  std::string evidence;
  friend bool operator==(const UndoConfirmed&, const UndoConfirmed&) = default;
};

// The world is as it was before: the lease is over.
struct Undone {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string action;
  std::string reason;
  friend bool operator==(const Undone&, const Undone&) = default;
};

// A person has to go on; the change stays until then.
struct UndoFailed {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string action;
  std::string reason;
  bool known = false;  // what became of each of its steps
  friend bool operator==(const UndoFailed&, const UndoFailed&) = default;
};

// It ran out while the target is still sick, or that cannot be told: a person decides.
struct LeaseHandedOver {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string action;
  std::string reason;
  friend bool operator==(const LeaseHandedOver&, const LeaseHandedOver&) = default;
};

// A person says that it needs no undo: done by hand, or meant to stay.
struct LeaseSettled {
  IncidentId incident = 0;
  IncidentId lease = 0;
  std::string reason;
  friend bool operator==(const LeaseSettled&, const LeaseSettled&) = default;
};

}  // namespace fieldmedic::core

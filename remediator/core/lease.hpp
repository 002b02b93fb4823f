// A temporary change from its intent to the proof that it was undone (S14).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/incident.hpp"
#include "remediator/core/lease_event.hpp"

namespace fieldmedic::core {

enum class LeasePhase {
  Held,            // in force: its end is waited for
  Ending,          // to be undone as soon as nothing says no
  UndoPlanning,    // the world is read
  Undoing,         // a step of the undo is being applied
  UndoConfirming,  // the world is read again for what the step wanted
  HandedOver,      // a person ends or settles it
};

[[nodiscard]] constexpr std::string_view to_string(LeasePhase phase) {
  switch (phase) {
    case LeasePhase::Held: return "held";
    case LeasePhase::Ending: return "ending";
    case LeasePhase::UndoPlanning: return "undo_planning";
    case LeasePhase::Undoing: return "undoing";
    case LeasePhase::UndoConfirming: return "undo_confirming";
    case LeasePhase::HandedOver: return "handed_over";
  }
  return "invalid";
}

// Steps of which a lease keeps what they left.
inline constexpr std::size_t kLeftMost = 64;

// One for each resource. What was taken stays as it was, whatever a reload removes (S20).
struct Lease {
  IncidentId id = 0;        // counted with the incidents, so that one number names one thing
  IncidentId incident = 0;  // that took it
  Target target;
  std::shared_ptr<const Playbook> playbook;  // as pinned then
  std::uint32_t tier = 0;
  LabelMap labels;
  AttemptId attempt;                // that made the change
  Plan plan;                        // of that change
  std::vector<std::string> left{};  // by the steps that were confirmed, see ConfirmAnswered
  Time taken_at;
  Time ends_at;  // at the latest

  LeasePhase phase = LeasePhase::Held;
  std::uint64_t round = 0;  // answers to older questions are stale
  Time phase_since;
  std::optional<Time> ending_since;
  std::uint32_t tries = 0;         // undos asked for so far
  std::vector<CheckState> checks;  // of `until`; empty until they have answered
  std::optional<Attempt> undo;     // under way, or handed over with its outcome unknown
  std::string reason;              // what it waits for

  [[nodiscard]] const Tier& made_by() const { return playbook->tiers[tier]; }
  [[nodiscard]] const LeaseTerms& terms() const { return *made_by().lease; }
  [[nodiscard]] const std::string& resource() const { return plan.lease->resource; }
  // A step of its undo was intended, and what became of it is not known yet: its resources are
  // held.
  [[nodiscard]] bool undoing() const { return undo && undo->intended_in != 0; }
};

// Compares what the playbook pointer points to.
[[nodiscard]] bool operator==(const Lease& a, const Lease& b);

// The first of these resources that is not to be touched by others while the lease lasts, null when
// they may all be.
[[nodiscard]] const std::string* kept_by(const Lease& lease,
                                         const std::vector<std::string>& wanted);

// The lease as guards and messages look at incidents: that of its incident, with its own reason.
[[nodiscard]] Incident as_incident(const Lease& lease);

}  // namespace fieldmedic::core

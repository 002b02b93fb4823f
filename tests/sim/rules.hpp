// What must hold, by name. The letters are those of docs/safety.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fieldmedic::core::sim {

enum class Rule {
  EffectAfterEvent,  // every effect has its event, recorded before
  PlannedOnce,       // an attempt has one plan
  AppliedOnce,       // S1: no step of a plan is released twice, over crashes too
  StaleOnly,         // S1: an answer about an older attempt is recorded, nothing more
  ProvedEnded,       // S1: nothing new is applied while what an older step did is not known
  OneAtATime,        // S1: no two of our changes run on one target
  PlanAsGuarded,     // S2: what is applied is the plan that came, complete
  Stopped,           // S1: what still runs is told to stop when its attempt is given up
  NeverConfirmed,    // S2: what is at most once is not looked up
  ApprovalGiven,     // S4: bound to the hash, in time, used once
  ApprovalAllowed,   // S4: by the role that it takes, or by silence where that was said
  OneIncident,       // S5: one open incident a target
  OccurrenceOnce,    // S5: an occurrence that was used up opens nothing
  RelapseCounted,    // S5: nothing is done on more relapses a day than allowed
  LadderInOrder,     // S5: tier by tier, and a relapse goes on where its ladder stood
  ActsOnFailure,     // S6: nothing is planned unless a check failed, asked since the last start
  RecoveredProved,   // S6, S8: every check passed and held, unbroken, asked since the last start
  CancelledWell,     // S6: the same, nothing was done, and no alert fires
  TimeForward,       // S8
  OldTimer,          // S8: what was waited for and is over wakes nobody
  NotRemoved,        // S20
  NotPaused,         // people and the kill switch
  NoWindow,          // releases and maintenance
  BreakerClosed,     // S11
  BreakerTrips,      // S11: it opens when so many failed
  SelfProtected,     // S12
  AttemptsLeft,      // S10
  CooledDown,        // between two incidents on one target
  Correlated,        // S7: a harder tier waits until a wide fault would have shown itself
  NotLeased,         // S14: what another incident changed for a time is left alone
  NoOverlap,         // S3
  HostCap,           // S9
  GroupCap,          // S9
  FleetCap,          // S9
  HealthyLeft,       // S9
  NoStorm,           // S9
  TierApplies,       // its condition holds when it is planned
  TierLeftOut,       // and does not, or cannot be told, when it is left out
  AdoptedWaits,      // S7: no action starts while a wider incident owns the cause
  AdoptedRight,      // S7: by one that is open and owns it, and nothing runs
  Released,          // S7: nothing waits for an incident that has ended
  WideRight,         // D6: a fault of a group is seen by its rule
  LeaseOneOwner,     // S14: one open lease a resource
  LeaseOfChange,     // S14: no temporary change without its lease, nor without its terms
  LeaseVoidRight,    // S14: a lease is dropped only where nothing was changed
  LeaseEndRight,     // S14: it ends by its terms, or by a person
  LeaseHandedRight,  // S14: and goes to a person where its target is not known to be well
  LeaseEnds,         // S14: each ends within its bound
  UndoAfterEnd,      // S14: nothing is undone before its lease has ended, nor after it was undone
  UndoAsGuarded,     // S2, S3: the plan that came, on free resources, while nothing is held
  UndoKnows,         // S14: an undo is told what each step of its change left
  DryRunActs,        // a dry run applies nothing
  RefusalRight,      // a guard that says no has its reason
  Acknowledged,      // S15: an alert that was answered 2xx is on record
  OrderAnswered,     // S15: an order has one answer, and on disk is what it says
  TimerBehind,       // no open incident without a timer
  Told,              // what a person has to know is queued with it
  MessageEnds,       // every message is delivered, or dropped with a reason
  SentOnce,          // a message is not sent while it is under way, nor after its end
  BacksOff,          // what could not be delivered waits, longer each time
  NextChannel,       // what a channel does not take goes to the next that is named
  WatchdogTold,      // S21: its silence does not go unnoticed
  FoldIsState,       // S18: state == fold(journal)
  SnapshotIsState,   // S18: what a snapshot holds is the state, whole
  IdsAreNew,         // incidents, attempts and messages are numbered once
  EndsInTime,        // once faults stop, every incident ends within its bound
  AskedBack,         // what was lost on the way in is asked back
};
inline constexpr std::size_t kRules = static_cast<std::size_t>(Rule::AskedBack) + 1;

[[nodiscard]] std::string_view to_string(Rule rule);

struct Violation {
  Rule rule = Rule::FoldIsState;
  std::string what;
};

// Counts how often each rule was put to the test, and keeps the first that did not hold.
class Rules {
 public:
  void hold(Rule rule, bool holds, const std::string& what) {
    ++tested_[static_cast<std::size_t>(rule)];
    if (!holds && !violation_) violation_ = Violation{rule, what};
  }
  [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
  [[nodiscard]] std::uint64_t tested(Rule rule) const {
    return tested_[static_cast<std::size_t>(rule)];
  }

 private:
  std::array<std::uint64_t, kRules> tested_{};
  std::optional<Violation> violation_;
};

}  // namespace fieldmedic::core::sim

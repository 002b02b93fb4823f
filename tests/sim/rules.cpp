#include "tests/sim/rules.hpp"

namespace fieldmedic::core::sim {

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::EffectAfterEvent: return "no effect without its event";
    case Rule::PlannedOnce: return "an attempt is planned once";
    case Rule::AppliedOnce: return "no plan applied twice (S1)";
    case Rule::StaleOnly: return "a late answer is recorded, nothing more (S1)";
    case Rule::ProvedEnded: return "nothing new while the old is not known (S1)";
    case Rule::OneAtATime: return "one change at a time on a target (S1)";
    case Rule::PlanAsGuarded: return "applied is what was guarded (S2)";
    case Rule::Stopped: return "what is given up is told to stop (S1)";
    case Rule::NeverConfirmed: return "at most once is not looked up (S2)";
    case Rule::ApprovalGiven: return "approval: same hash, in time, used once (S4)";
    case Rule::ApprovalAllowed: return "approval: by whom, or by silence as said (S4)";
    case Rule::OneIncident: return "one open incident a target (S5)";
    case Rule::OccurrenceOnce: return "an occurrence is used once (S5)";
    case Rule::RelapseCounted: return "relapses a day (S5)";
    case Rule::LadderInOrder: return "the ladder is climbed in order (S5)";
    case Rule::ActsOnFailure: return "nothing is done unless a check failed (S6)";
    case Rule::RecoveredProved: return "recovered is proved (S6, S8)";
    case Rule::CancelledWell: return "cancelled is proved, no alert fires (S6)";
    case Rule::TimeForward: return "time never goes back (S8)";
    case Rule::OldTimer: return "an old timer does nothing (S8)";
    case Rule::NotRemoved: return "guard removed (S20)";
    case Rule::NotPaused: return "guard paused";
    case Rule::NoWindow: return "guard window";
    case Rule::BreakerClosed: return "guard breaker (S11)";
    case Rule::BreakerTrips: return "the breaker opens (S11)";
    case Rule::SelfProtected: return "guard self_protection (S12)";
    case Rule::AttemptsLeft: return "guard attempts (S10)";
    case Rule::CooledDown: return "guard cooldown";
    case Rule::Correlated: return "guard correlation (S7)";
    case Rule::NotLeased: return "guard lease (S14)";
    case Rule::NoOverlap: return "guard overlap (S3)";
    case Rule::HostCap: return "guard in_flight_host (S9)";
    case Rule::GroupCap: return "guard in_flight_group (S9)";
    case Rule::FleetCap: return "guard in_flight_fleet (S9)";
    case Rule::HealthyLeft: return "guard min_healthy (S9)";
    case Rule::NoStorm: return "guard max_unhealthy (S9)";
    case Rule::TierApplies: return "a tier acts while its condition holds";
    case Rule::TierLeftOut: return "a tier is left out for a reason";
    case Rule::AdoptedWaits: return "an adopted incident starts no action (S7)";
    case Rule::AdoptedRight: return "adopted by what owns the cause (S7)";
    case Rule::Released: return "nothing waits for what has ended (S7)";
    case Rule::WideRight: return "a wide fault is one by its rule (D6)";
    case Rule::LeaseOneOwner: return "one lease owner a resource (S14)";
    case Rule::LeaseOfChange: return "no temporary change without its lease (S14)";
    case Rule::LeaseVoidRight: return "a lease is dropped where nothing was changed (S14)";
    case Rule::LeaseEndRight: return "a lease ends by its terms (S14)";
    case Rule::LeaseHandedRight: return "a lease of a sick target goes to a person (S14)";
    case Rule::LeaseEnds: return "each lease ends within its bound (S14)";
    case Rule::UndoAfterEnd: return "undone once, after the end of its lease (S14)";
    case Rule::UndoAsGuarded: return "undone is what was guarded (S14)";
    case Rule::UndoKnows: return "an undo knows what its change left (S14)";
    case Rule::DryRunActs: return "a dry run applies nothing";
    case Rule::RefusalRight: return "a refusal has its reason";
    case Rule::Acknowledged: return "acknowledged is on record (S15)";
    case Rule::OrderAnswered: return "an order has one true answer (S15)";
    case Rule::TimerBehind: return "a timer behind every incident";
    case Rule::Told: return "people are told of what they must know";
    case Rule::MessageEnds: return "every message ends";
    case Rule::SentOnce: return "a message is sent once at a time";
    case Rule::BacksOff: return "deliveries back off";
    case Rule::NextChannel: return "the next channel is tried";
    case Rule::WatchdogTold: return "a silent Watchdog is told (S21)";
    case Rule::FoldIsState: return "state is the fold of the journal (S18)";
    case Rule::SnapshotIsState: return "a snapshot is the state (S18)";
    case Rule::IdsAreNew: return "a number is given once";
    case Rule::EndsInTime: return "every incident ends in time";
    case Rule::AskedBack: return "what was lost is asked back";
  }
  return "invalid";
}

}  // namespace fieldmedic::core::sim

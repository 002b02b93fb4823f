// What has to be true of temporary changes and their undo (S14).
#include <algorithm>

#include "tests/sim/guard_oracle.hpp"
#include "tests/sim/judge.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

// What is given beyond the end of a lease: the checks after a start, a journal that refuses.
constexpr Duration kSlack = 15min;

std::string about(IncidentId id, const std::string& what) {
  return "lease " + std::to_string(id) + ": " + what;
}

bool all_pass(const Rented& lease) {
  return std::ranges::all_of(lease.passing, [](const auto& since) { return since.has_value(); });
}

bool all_held(const Rented& lease, Time now) {
  for (std::size_t i = 0; i < lease.passing.size(); ++i)
    if (!lease.passing[i] || now - *lease.passing[i] < lease.terms.until[i].hold) return false;
  return !lease.passing.empty();
}

}  // namespace

void Judge::look(const LeaseTaken& e, const Committed& step) {
  hold(Rule::IdsAreNew, e.lease > ledger_.last_incident, "a lease's number is used again");
  for (const auto& [id, lease] : ledger_.leases)
    hold(Rule::LeaseOneOwner, lease.claim.resource != e.resource,
         about(e.lease, "takes what lease " + std::to_string(id) + " holds"));
  const Case* one = ledger_.find(e.incident);
  hold(Rule::LeaseOfChange, one != nullptr && one->plan.lease && one->attempt == e.attempt,
       about(e.lease, "is taken for no temporary change"));
  if (one == nullptr) return;
  const auto& terms = one->playbook.tiers[one->tier].lease;
  hold(Rule::LeaseOfChange, terms && e.ends_at == step.now + terms->length,
       about(e.lease, "is taken on other terms than its tier gives"));
}

// At the first intent.
void Judge::look_at_lease_of(const ApplyIntended& e, const Case& one) {
  if (!one.plan.lease) return;
  const Tier& tier = one.playbook.tiers[one.tier];
  const bool leased = std::ranges::any_of(ledger_.leases, [&](const auto& each) {
    return each.second.incident == e.incident &&
           each.second.claim.resource == one.plan.lease->resource && !each.second.ended;
  });
  hold(Rule::LeaseOfChange, leased, "a temporary change of " + e.attempt + " has no lease");
  hold(Rule::LeaseOfChange,
       one.plan.lease->when_away == WhenAway::DeadMan || tier.approval ||
           (tier.lease && tier.lease->unattended == Unattended::Accepted),
       e.attempt + " would be undone by nobody, and nobody said that it may");
}

void Judge::look(const LeaseVoided& e, const Committed& step) {
  const Rented* lease = ledger_.find_lease(e.lease);
  const Case* one = ledger_.find(e.incident);
  const auto* applied = step.given<ApplyDone>();
  const auto* confirmed = step.given<ConfirmDone>();
  const bool refused =
      applied != nullptr && applied->step == 0 &&
      (applied->outcome == Applied::Refused || applied->outcome == Applied::WorldDiffers);
  const bool not_there =
      confirmed != nullptr && confirmed->step == 0 && confirmed->answer == Confirmed::NotApplied;
  hold(Rule::LeaseVoidRight,
       lease != nullptr && one != nullptr && one->attempt == lease->made_by &&
           (refused || not_there),
       about(e.lease, "is dropped though its change may have been made"));
}

void Judge::look(const LeaseEnded& e, const Committed& step) {
  const Rented* lease = ledger_.find_lease(e.lease);
  if (lease == nullptr)
    return hold(Rule::UndoAfterEnd, false, about(e.lease, "ends and is not open"));
  hold(Rule::UndoAfterEnd, lease->unsettled.empty(),
       about(e.lease, "is undone again while what its undo did is not known"));
  switch (e.how) {
    case LeaseEnd::UntilHeld:
      return hold(Rule::LeaseEndRight,
                  all_held(*lease, step.now) && ledger_.find(lease->incident) == nullptr,
                  about(e.lease, "ends before its checks have held"));
    case LeaseEnd::RanOut:
      return hold(
          Rule::LeaseEndRight,
          step.now >= lease->ends_at && all_pass(*lease) && ledger_.book(lease->target).open == 0,
          about(e.lease, "runs out early, or is undone on a sick target"));
    case LeaseEnd::ByPerson:
      return hold(Rule::LeaseEndRight, step.given<EndLease>() != nullptr,
                  about(e.lease, "ends by a person that said nothing"));
  }
}

void Judge::look(const LeaseHandedOver& e, const Committed& step) {
  const Rented* lease = ledger_.find_lease(e.lease);
  hold(Rule::LeaseHandedRight,
       lease != nullptr && step.now >= lease->ends_at &&
           (!all_pass(*lease) || ledger_.book(lease->target).open != 0),
       about(e.lease, "is left to a person though its target is well"));
  told(e.incident, MessageKind::HandedOver, step);
}

void Judge::look(const UndoRequested& e, const Committed&) {
  const Rented* lease = ledger_.find_lease(e.lease);
  hold(Rule::IdsAreNew, !ledger_.attempts.contains(e.attempt), e.attempt + " is used again");
  hold(Rule::UndoAfterEnd, lease != nullptr && lease->ended && !lease->handed_over,
       about(e.lease, "is undone and has not ended"));
  hold(Rule::ProvedEnded, lease == nullptr || lease->unsettled.empty(),
       about(e.lease, "is planned anew while what its undo did is not known"));
}

void Judge::look(const UndoPlanned& e, const Committed& step) {
  const auto* planned = step.given<Planned>();
  hold(Rule::UndoAsGuarded,
       planned != nullptr && planned->attempt == e.attempt && planned->plan &&
           *planned->plan == e.plan,
       about(e.lease, "the recorded plan is not the one that came"));
}

void Judge::look(const UndoDeferred& e, const Committed&) {
  const Rented* lease = ledger_.find_lease(e.lease);
  hold(Rule::ProvedEnded, lease != nullptr && lease->unsettled.empty(),
       about(e.lease, "is put off while what its undo did is not known"));
}

void Judge::look(const UndoIntended& e, const Committed& step) {
  const Rented* lease = ledger_.find_lease(e.lease);
  hold(Rule::UndoAfterEnd, lease != nullptr && lease->ended && !lease->handed_over,
       about(e.lease, "is undone and has not ended"));
  if (lease == nullptr) return;
  hold(Rule::ProvedEnded, lease->unsettled.empty(),
       about(e.lease, "what an older step of its undo did is not known"));
  hold(Rule::UndoAsGuarded,
       lease->undo == e.attempt && e.step < lease->plan.steps.size() &&
           e.step == (lease->busy ? lease->step + 1 : 0) && lease->planned_in == ledger_.epoch,
       about(e.lease, "a step of its undo is left out, repeated or of an old plan"));
  if (e.step != 0) return;
  const TargetBook book = ledger_.book(lease->target);
  hold(Rule::ProvedEnded,
       !book.unsettled || step.now - *book.unsettled >= lease->playbook.relapse.within,
       about(e.lease, "is undone though what its incident did is not known"));
  Case as_case;
  as_case.target = lease->target;
  as_case.playbook = lease->playbook;
  const Question question{ledger_, step.policy, e.lease, as_case, lease->plan.resources,
                          nullptr, step.now};
  for (const Guard guard : {Guard::Window, Guard::Overlap})
    hold(Rule::UndoAsGuarded, !exceeded(guard, question),
         about(e.lease, "is undone against the guard " + std::string(to_string(guard))));
  for (const auto& [id, other] : ledger_.leases)
    hold(Rule::UndoAsGuarded,
         id == e.lease || other.incident == e.incident || !keeps(other, lease->plan.resources),
         about(e.lease, "is undone though lease " + std::to_string(id) + " holds what it touches"));
  const bool incident_paused = ledger_.paused.contains("incident/" + std::to_string(e.incident));
  hold(Rule::UndoAsGuarded, !exceeded(Guard::Paused, question) && !incident_paused,
       about(e.lease, "is undone while that is paused"));
}

void Judge::look(const Undone& e, const Committed&) {
  const Rented* lease = ledger_.find_lease(e.lease);
  hold(Rule::UndoAfterEnd, lease != nullptr && lease->ended && lease->unsettled.empty(),
       about(e.lease, "is called undone and is not proved to be"));
}

void Judge::look(const UndoFailed& e, const Committed& step) {
  const Rented* lease = ledger_.find_lease(e.lease);
  if (lease == nullptr) return hold(Rule::UndoAfterEnd, false, about(e.lease, "fails when over"));
  hold(Rule::ProvedEnded, e.known == lease->unsettled.empty(),
       about(e.lease, "what its undo did is taken for known, or for unknown"));
  undo_stopped(*lease, step);
  told(e.incident, MessageKind::HandedOver, step);
}

// What nobody waits for any more would run on unseen.
void Judge::undo_stopped(const Rented& lease, const Committed& step) {
  const bool runs =
      std::ranges::any_of(running_, [&](const StepKey& key) { return key.first == lease.undo; });
  if (!runs || lease.undo.empty()) return;
  hold(Rule::Stopped,
       std::ranges::any_of(step.decision.effects,
                           [&](const Effect& effect) {
                             const auto* cancel = std::get_if<CancelAttempt>(&effect.what);
                             return cancel != nullptr && cancel->attempt == lease.undo;
                           }),
       lease.undo + " is given up and runs on");
}

void Judge::look(const LeaseSettled& e, const Committed& step) {
  hold(Rule::LeaseEndRight, step.given<EndLease>() != nullptr,
       about(e.lease, "is settled and nobody said so"));
}

void Judge::leases_at_rest(const State& state, Time now) {
  for (const auto& [id, lease] : state.leases)
    hold(Rule::TimerBehind,
         lease.phase == LeasePhase::HandedOver || wakes_.contains({id, lease.round}),
         about(id, "is " + std::string(to_string(lease.phase)) + " and nothing will wake it"));
  for (const auto& [id, lease] : ledger_.leases)
    hold(Rule::LeaseEnds,
         lease.ended || lease.handed_over ||
             now - std::max(lease.ends_at, ledger_.back_since) < kSlack,
         about(id, "is held beyond its time"));
}

}  // namespace fieldmedic::core::sim

// What has to be true when something is intended, refused, approved or ended.
#include <algorithm>

#include "tests/sim/conditions.hpp"
#include "tests/sim/guard_oracle.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/scope_oracle.hpp"

namespace fieldmedic::core::sim {
namespace {

std::string about(IncidentId id, const std::string& what) {
  return "incident " + std::to_string(id) + ": " + what;
}

bool passed_for_its_hold(const std::optional<Time>& passing, const CheckSpec& check, Time now) {
  return passing && now - *passing >= check.hold;
}

}  // namespace

void Judge::look(const IncidentAdopted& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  const Case* owner = ledger_.find(e.by);
  hold(Rule::AdoptedRight,
       one != nullptr && owner != nullptr && owns(*owner, one->target, step.policy),
       about(e.incident, "waits for what does not own its cause"));
  hold(Rule::AdoptedRight, one == nullptr || one->unsettled.empty(),
       about(e.incident, "is made to wait while what it did is not known"));
}

void Judge::look(const PlanRequested& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  hold(Rule::AdoptedWaits, one == nullptr || !is_owned(ledger_, one->target, step.policy),
       about(e.incident, "plans while a wider incident owns its cause"));
  if (one != nullptr)
    hold(Rule::TierApplies, condition_holds(one->playbook.tiers[e.tier].when, *one).value_or(false),
         about(e.incident, "plans a tier whose condition does not hold"));
  hold(Rule::IdsAreNew, !ledger_.attempts.contains(e.attempt), e.attempt + " is used again");
  hold(Rule::ActsOnFailure, one != nullptr && one->sick,
       about(e.incident, "plans a repair where no check says that it is sick"));
  hold(Rule::LadderInOrder,
       one != nullptr && e.tier == one->tier && e.tier < one->playbook.tiers.size(),
       about(e.incident, "plans tier " + std::to_string(e.tier) + " out of its turn"));
}

void Judge::look(const TierSkipped& e, const Committed&) {
  const Case* one = ledger_.find(e.incident);
  if (one == nullptr) return;
  const auto holds = condition_holds(one->playbook.tiers[e.tier].when, *one);
  hold(Rule::TierLeftOut,
       e.tier == one->tier && e.holds == (holds ? Truth::No : Truth::Unknown) && holds != true,
       about(e.incident, "leaves out a tier that applies"));
}

void Judge::look(const PlanMade& e, const Committed& step) {
  const auto* planned = step.given<Planned>();
  hold(Rule::PlanAsGuarded,
       planned != nullptr && planned->attempt == e.attempt && planned->plan &&
           *planned->plan == e.plan,
       about(e.incident, "the recorded plan is not the one that came"));
}

void Judge::look(const ApplyIntended& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  hold(Rule::PlanAsGuarded, one != nullptr && one->attempt == e.attempt,
       about(e.incident, "intends what is not under way"));
  if (one == nullptr) return;
  hold(Rule::AdoptedWaits, one->adopted_by == 0 && !is_owned(ledger_, one->target, step.policy),
       about(e.incident, "acts while a wider incident owns its cause"));
  hold(Rule::ProvedEnded, one->unsettled.empty(),
       about(e.incident, "what an older step did is not known"));
  if (e.step == 0) return look_at_intent(e, *one, step);
  hold(Rule::PlanAsGuarded,
       e.step == one->step + 1 && one->in_flight && e.step < one->plan.steps.size(),
       about(e.incident, "a step is left out or repeated"));
  hold(Rule::PlanAsGuarded, one->planned_in == ledger_.epoch,
       about(e.incident, "goes on with a plan that was made before the restart"));
}

void Judge::look_at_intent(const ApplyIntended& e, const Case& one, const Committed& step) {
  const auto* planned = step.given<Planned>();
  const Question question{ledger_, step.policy, e.incident, one, one.plan.resources,
                          planned, step.now};
  for (const Guard guard : kGuards)
    hold(rule_of(guard), !exceeded(guard, question),
         about(e.incident, "acts against the guard " + std::string(to_string(guard))));
  const auto live = step.policy.playbooks.find(one.playbook.name);
  hold(Rule::DryRunActs, live == step.policy.playbooks.end() || live->second.mode != Mode::DryRun,
       about(e.incident, "a dry run acts"));
  const TargetBook book = ledger_.book(one.target);
  const auto today = std::ranges::count_if(
      book.relapses, [&](Time at) { return at > step.now - std::chrono::hours(24); });
  hold(Rule::RelapseCounted, !one.relapse || today <= one.playbook.relapse.per_day,
       about(e.incident, "acts on one relapse too many"));
  hold(Rule::ProvedEnded,
       !book.unsettled || step.now - *book.unsettled >= one.playbook.relapse.within,
       about(e.incident, "acts though what the incident before did is not known"));
  look_at_approval(e, one, step);
  look_at_lease_of(e, one);
}

void Judge::look_at_approval(const ApplyIntended& e, const Case& one, const Committed& step) {
  if (!one.playbook.tiers[one.tier].approval) return;
  const auto* planned = step.given<Planned>();
  hold(Rule::ApprovalGiven,
       one.granted && planned != nullptr && one.granted->hash == planned->hash &&
           step.now < one.granted->until,
       about(e.incident, "acts without an approval that is good for it"));
}

void Judge::look(const Approved& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  const bool asked = one != nullptr && (one->asked || one->expired);
  hold(Rule::ApprovalAllowed, asked, about(e.incident, "approved and not asked"));
  if (!asked) return;
  if (const auto* order = step.given<Approve>()) {
    hold(Rule::ApprovalAllowed,
         one->asked && order->hash == one->asked->hash && e.hash == one->asked->hash &&
             order->role >= one->asked->from && step.now < one->asked->expires_at,
         about(e.incident, "approved by the wrong person, for something else or too late"));
    return;
  }
  hold(Rule::ApprovalAllowed,
       one->expired && e.hash == one->expired->hash &&
           one->expired->at_expiry == AtExpiry::Proceed && step.now >= one->expired->expires_at &&
           ledger_.back_since < one->expired->expires_at,
       about(e.incident, "silence is taken for consent where nobody could speak or it is none"));
}

void Judge::look(const ApprovalRequested& e, const Committed& step) {
  told(e.incident, MessageKind::ApprovalWanted, step);
}

// A guard that says no for no reason holds repairs back for nothing.
void Judge::look(const GuardRefused& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  if (one == nullptr) return;
  const auto found =
      std::ranges::find(kGuards, e.guard, [](Guard guard) { return to_string(guard); });
  if (found == std::end(kGuards)) return hold(Rule::RefusalRight, false, e.guard + " is no guard");
  coverage_.refused(*found);
  const auto* planned = step.given<Planned>();
  const Question question{ledger_,
                          step.policy,
                          e.incident,
                          *one,
                          planned == nullptr ? one->wanted : one->plan.resources,
                          planned,
                          step.now};
  hold(Rule::RefusalRight, exceeded(*found, question),
       about(e.incident, e.guard + " refuses without a reason"));
}

void Judge::look(const BreakerOpened& e, const Committed& step) {
  const Breaker& limits = step.policy.guards.breaker;
  hold(Rule::BreakerTrips,
       ledger_.failed(e.scope, limits.within, step.now) >=
           (e.scope == "all" ? limits.fleet_targets : limits.targets),
       e.scope + " opens too early");
  told(0, MessageKind::SelfAlert, step);
}

void Judge::look_at_breakers(const Committed& step) {
  if (!step.says<TierFailed>([](const TierFailed&) { return true; })) return;
  const Breaker& limits = step.policy.guards.breaker;
  std::set<std::string> scopes;
  for (const Failure& failure : ledger_.failures)
    if (failure.at == step.now) scopes.insert(failure.scope);
  for (const std::string& scope : scopes) {
    const int most = scope == "all" ? limits.fleet_targets : limits.targets;
    const bool due = ledger_.failed(scope, limits.within, step.now) >= most;
    hold(Rule::BreakerTrips, !due || ledger_.open_breakers.contains(scope),
         scope + " has failed often enough and does not open");
  }
}

// What nobody waits for any more would run on unseen.
void Judge::stopped(IncidentId incident, const Committed& step) {
  const Case* one = ledger_.find(incident);
  if (one == nullptr || one->attempt.empty()) return;
  const bool runs =
      std::ranges::any_of(running_, [&](const StepKey& key) { return key.first == one->attempt; });
  if (!runs) return;
  hold(Rule::Stopped,
       std::ranges::any_of(step.decision.effects,
                           [&](const Effect& effect) {
                             const auto* cancel = std::get_if<CancelAttempt>(&effect.what);
                             return cancel != nullptr && cancel->attempt == one->attempt;
                           }),
       about(incident, one->attempt + " is given up and runs on"));
}

// Every check was asked since everything that spoils a proof, passed, and went on passing.
bool Judge::proved(const Case& one, Time now) const {
  const auto& checks = one.playbook.verify.checks;
  for (std::size_t i = 0; i < checks.size(); ++i)
    if (!passed_for_its_hold(one.passing[i], checks[i], now)) return false;
  return true;
}

void Judge::look(const Recovered& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  hold(Rule::RecoveredProved, one != nullptr && one->acted && proved(*one, step.now),
       about(e.incident, "recovered without proof"));
  told(e.incident, MessageKind::Recovered, step);
}

void Judge::look(const TierFailed& e, const Committed& step) {
  const Case* one = ledger_.find(e.incident);
  hold(Rule::LadderInOrder, one != nullptr && e.tier == one->tier,
       about(e.incident, "a tier fails that was not tried"));
  stopped(e.incident, step);
}

void Judge::look(const HandedOver& e, const Committed& step) {
  stopped(e.incident, step);
  told(e.incident, MessageKind::HandedOver, step);
}

void Judge::look(const Cancelled& e, const Committed& step) {
  stopped(e.incident, step);
  if (step.given<CancelIncident>() != nullptr) return;  // a person says so
  const Case* one = ledger_.find(e.incident);
  const auto* asked = step.given<AlertsAsked>();  // an end that was lost on its way
  const bool quiet = one != nullptr && std::ranges::none_of(one->alerts, [&](const auto& each) {
                       const bool ended = asked != nullptr && asked->existing &&
                                          std::ranges::find(*asked->existing, each.first) ==
                                              asked->existing->end();
                       return each.second == AlertStatus::Firing && !ended;
                     });
  hold(Rule::CancelledWell, quiet && !one->acted && proved(*one, step.now),
       about(e.incident, "is called well and is not proved to be"));
}

}  // namespace fieldmedic::core::sim

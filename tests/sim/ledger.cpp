#include "tests/sim/ledger.hpp"

#include <algorithm>

namespace fieldmedic::core::sim {
namespace {

// Whatever was asked and seen so far proves nothing any more.
void look_anew(Case& one) {
  ++one.look;
  one.sick = false;
  one.passing.assign(one.playbook.verify.checks.size(), std::nullopt);
  one.verdicts.clear();
}

void leave_attempt(Case& one) {
  one.attempt.clear();
  one.changed = one.in_flight = one.proving = false;
}

}  // namespace

TargetBook Ledger::book(const Target& target) const {
  const auto found = targets.find(key_of(target));
  return found == targets.end() ? TargetBook{} : found->second;
}

int Ledger::failed(const std::string& scope, Duration within, Time now) const {
  std::set<std::string> distinct;
  for (const Failure& failure : failures)
    if (failure.scope == scope && now - failure.at < within) distinct.insert(failure.target);
  return static_cast<int>(distinct.size());
}

void Ledger::saw(IncidentId id, const std::vector<CheckAnswer>& answers, Time now) {
  Case& one = of(id);
  one.sick = std::ranges::find(answers, Verdict::Fail, &CheckAnswer::verdict) != answers.end();
  for (std::size_t i = 0; i < one.passing.size() && i < answers.size(); ++i) {
    if (answers[i].verdict != Verdict::Pass)
      one.passing[i].reset();
    else if (!one.passing[i])
      one.passing[i] = now;
  }
}

// An event of an incident that is not open says nothing.
void Ledger::record(const Event& event) {
  last = event.at;
  std::visit(
      [&](const auto& e) {
        using E = std::remove_cvref_t<decltype(e)>;
        constexpr bool kOfOpen =
            requires { e.incident; } && !std::is_same_v<E, IncidentOpened> &&
            !std::is_same_v<E, AlertReceived> && !std::is_same_v<E, MessageQueued> &&
            !std::is_same_v<E, MessageDelivered> && !std::is_same_v<E, MessageDeferred> &&
            !std::is_same_v<E, MessageDropped> && !requires { e.lease; };
        if constexpr (requires { e.lease; } && !std::is_same_v<E, LeaseTaken>)
          if (!leases.contains(e.lease)) return;
        if constexpr (kOfOpen)
          if (!open.contains(e.incident)) return;
        on(e, event.at);
      },
      event.payload);
}

void Ledger::on(const Started& e, Time at) {
  epoch = e.epoch;
  back_since = at;
  leases_look_anew();
  for (auto& [id, one] : open) look_anew(one);
}

void Ledger::on(const TimeLost&, Time at) {
  back_since = at;
  leases_look_anew();
  for (auto& [id, one] : open) look_anew(one);
}

void Ledger::on(const AlertReceived& e, Time) {
  alerts[e.key] = e.incident;
  const auto found = open.find(e.incident);
  if (found == open.end()) return;
  found->second.alerts[e.key] = e.status;
  found->second.names[e.key] = e.name;
  if (e.playbook != found->second.playbook.name) found->second.of_others.insert(e.key);
}

void Ledger::on(const AlertIgnored& e, Time) {
  alerts[e.key] = 0;
}

void Ledger::on(const IntakeLost&, Time) {
  ++losses;
  asking_back = true;
}

void Ledger::on(const IncidentOpened& e, Time at) {
  Case one;
  one.target = e.target;
  one.playbook = e.playbook;
  one.tier = e.first_tier;
  one.labels = e.labels;
  one.opened = at;
  one.relapse = e.relapse_of != 0;
  look_anew(one);
  TargetBook& book = targets[key_of(e.target)];
  if (one.relapse) book.relapses.push_back(at);
  book.open = e.incident;
  last_incident = e.incident;
  open.emplace(e.incident, std::move(one));
}

void Ledger::on(const DiagnosisStarted& e, Time) {
  Case& one = of(e.incident);
  leave_attempt(one);
  one.adopted_by = 0;
  one.asked.reset();
  one.expired.reset();
  look_anew(one);
}

void Ledger::on(const IncidentAdopted& e, Time) {
  Case& one = of(e.incident);
  leave_attempt(one);
  one.adopted_by = e.by;
  one.asked.reset();
  one.expired.reset();
  look_anew(one);
}

void Ledger::on(const PlanRequested& e, Time) {
  Case& one = of(e.incident);
  leave_attempt(one);
  one.attempt = e.attempt;
  one.tier = e.tier;
  one.plan = {};
  attempts.insert(e.attempt);
}

void Ledger::on(const PlanMade& e, Time) {
  of(e.incident).plan = e.plan;
  of(e.incident).planned_in = epoch;
}

void Ledger::on(const GuardRefused& e, Time) {
  Case& one = of(e.incident);
  one.wanted = one.attempt.empty() ? std::vector<std::string>{} : one.plan.resources;
  leave_attempt(one);
}

void Ledger::on(const ApplyIntended& e, Time at) {
  Case& one = of(e.incident);
  one.acted = one.in_flight = true;
  one.step = e.step;
  const StepKey key{e.attempt, e.step};
  one.unsettled.insert(key);
  intended.emplace(key, one.plan.steps[e.step].confirmable);
  TargetBook& book = targets[key_of(one.target)];
  book.changed = at;
  if (e.step != 0) return;
  book.intents.push_back(at);
  one.granted.reset();
}

void Ledger::on(const ApplyFinished& e, Time) {
  Case& one = of(e.incident);
  const StepKey key{e.attempt, e.step};
  one.changed = one.changed || e.outcome == Applied::Done;
  const bool nothing = e.outcome == Applied::Refused || e.outcome == Applied::WorldDiffers;
  const bool final_word = e.outcome == Applied::Done && intended[key] == Confirmable::AtMostOnce;
  if (nothing || final_word) one.unsettled.erase(key);
}

void Ledger::on(const ConfirmAnswered& e, Time) {
  Case& one = of(e.incident);
  one.changed = one.changed || e.answer == Confirmed::Applied;
  if (e.answer == Confirmed::Applied || e.answer == Confirmed::NotApplied)
    one.unsettled.erase({e.attempt, e.step});
  if (e.answer == Confirmed::Applied && one.plan.lease) left_behind(e, one.plan.lease->resource);
}

void Ledger::on(const VerificationStarted& e, Time) {
  Case& one = of(e.incident);
  one.proving = true;
  look_anew(one);
}

void Ledger::on(const TierFailed& e, Time at) {
  Case& one = of(e.incident);
  const std::string target = key_of(one.target);
  if (one.changed) targets[target].changed = at;
  if (one.proving)
    for (const std::string& scope :
         {"playbook/" + one.playbook.name + "/group/" + one.target.group, std::string("all")})
      failures.push_back({scope, target, at});
  leave_attempt(one);
  one.asked.reset();
  one.granted.reset();
  one.tier = e.tier + 1;
}

void Ledger::on(const TierSkipped& e, Time) {
  Case& one = of(e.incident);
  one.granted.reset();
  one.tier = e.tier + 1;
}

void Ledger::on(const ChecksAnswered& e, Time) {
  std::vector<Verdict>& verdicts = of(e.incident).verdicts;
  verdicts.clear();
  for (const CheckAnswer& answer : e.answers) verdicts.push_back(answer.verdict);
}

void Ledger::on(const ApprovalRequested& e, Time) {
  Case& one = of(e.incident);
  leave_attempt(one);
  one.asked = e;
  one.granted.reset();
}

void Ledger::on(const Approved& e, Time) {
  Case& one = of(e.incident);
  one.asked.reset();
  one.granted = e;
}

void Ledger::on(const ApprovalExpired& e, Time) {
  Case& one = of(e.incident);
  one.expired = std::exchange(one.asked, std::nullopt);
}

void Ledger::on(const MessageQueued& e, Time) {
  last_message = e.id;
  messages.emplace(e.id, Letter{e, 0, Time{}});
}

void Ledger::on(const MessageDeferred& e, Time) {
  const auto found = messages.find(e.id);
  if (found == messages.end()) return;
  ++found->second.tries;
  found->second.not_before = e.retry_at;
}

void Ledger::on(const BreakerClosed& e, Time) {
  open_breakers.erase(e.scope);
  std::erase_if(failures, [&](const Failure& failure) { return failure.scope == e.scope; });
}

void Ledger::end(IncidentId id, Time at) {
  const Case& one = of(id);
  TargetBook& book = targets[key_of(one.target)];
  if (one.changed) book.changed = at;
  // What was done and confirmed since stands on a fresh look, and settles what was not known
  // before.
  if (!one.unsettled.empty())
    book.unsettled = at;
  else if (one.acted)
    book.unsettled.reset();
  book.open = 0;
  book.closed = at;
  if (one.acted || one.relapse) book.last = {id, at, one.tier, one.playbook.name};
  for (const AlertKey& key : one.of_others) alerts[key] = 0;  // may open its own
  open.erase(id);
}

}  // namespace fieldmedic::core::sim

#include "remediator/core/fold.hpp"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "remediator/core/fold_end.hpp"
#include "remediator/core/fold_lease.hpp"
#include "remediator/core/scope.hpp"

namespace fieldmedic::core {
namespace {

// Remembers what became of an occurrence; the oldest that no open incident holds is forgotten
// first.
void remember(State& state, const AlertKey& key, AlertRecord record) {
  const auto [place, fresh] = state.alerts.insert_or_assign(key, record);
  if (!fresh) return;
  state.alerts_in_order.push_back(key);
  for (std::size_t looked = 0; state.alerts_in_order.size() > kAlertsKept && looked < 64;
       ++looked) {
    const AlertKey oldest = state.alerts_in_order.front();
    state.alerts_in_order.pop_front();
    const auto found = state.alerts.find(oldest);
    if (found == state.alerts.end()) continue;
    if (state.open.contains(found->second.incident))
      state.alerts_in_order.push_back(oldest);
    else
      state.alerts.erase(found);
  }
}

std::shared_ptr<const Playbook> intern(State& state, const Playbook& playbook) {
  auto& pinned = state.pinned[playbook.name];
  if (pinned == nullptr || !(*pinned == playbook))
    pinned = std::make_shared<const Playbook>(playbook);
  return pinned;
}

// One overload an event. `at` is the event's time.
struct Folder {
  State& state;
  Time at;

  Incident* open(IncidentId id) const {
    const auto found = state.open.find(id);
    return found == state.open.end() ? nullptr : &found->second;
  }
  // The open incident whose attempt under way is this one.
  Incident* attempting(IncidentId id, const AttemptId& attempt) const {
    Incident* incident = open(id);
    return incident != nullptr && incident->attempt && incident->attempt->id == attempt ? incident
                                                                                        : nullptr;
  }

  void operator()(const Started& e) const {
    state.epoch = e.epoch;
    state.journal_id = e.journal_id;
    // What ran, runs no more: every question is asked anew, and a hold starts at zero (S8).
    for (auto& [id, incident] : state.open) {
      enter(incident, incident.phase == Phase::Acting ? Phase::Confirming : incident.phase, at);
      incident.checks.clear();
      if (incident.attempt) incident.attempt->confirm.reset();
    }
    leases_after_start(state, at);
  }
  void operator()(const AlertReceived& e) const {
    remember(state, e.key, {e.incident, e.status, std::nullopt});
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    incident->alerts.insert_or_assign(e.key, HeldAlert{e.status, e.name});
    if (e.playbook != incident->playbook->name) incident->of_other_playbooks.insert(e.key);
  }
  void operator()(const AlertPersists& e) const {
    const auto found = state.alerts.find(e.key);
    if (found != state.alerts.end()) found->second.persists = true;
  }
  void operator()(const AlertIgnored& e) const { remember(state, e.key, {0, e.status, e.reason}); }
  void operator()(const IntakeLost&) const {
    state.reconcile_wanted = true;
    ++state.losses;
  }
  void operator()(const Reconciled&) const { state.reconcile_wanted = false; }

  void operator()(const IncidentOpened& e) const {
    Incident incident;
    incident.id = e.incident;
    incident.target = e.target;
    incident.playbook = intern(state, e.playbook);
    incident.labels = e.labels;
    incident.relapse_of = e.relapse_of;
    incident.tier = e.first_tier;
    incident.fault = e.fault;
    incident.reason = e.why;
    incident.opened_at = at;
    enter(incident, Phase::Diagnosing, at);
    const std::string target = key_of(e.target);
    if (e.relapse_of != 0) {
      state.targets[target].relapses.push_back(at);
      bound(state.targets[target].relapses, kAttemptsKept);
    }
    state.last_incident = std::max(state.last_incident, e.incident);
    state.open_by_target[target] = e.incident;
    state.open.insert_or_assign(e.incident, std::move(incident));
  }
  void operator()(const DiagnosisStarted& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    enter(*incident, Phase::Diagnosing, at);
    stop_work(*incident);
    incident->adopted_by = 0;
    incident->reason = e.reason;
  }
  void operator()(const IncidentAdopted& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    enter(*incident, Phase::Suspended, at);
    stop_work(*incident);
    incident->waiting_since.reset();
    incident->refused_by.clear();
    incident->adopted_by = e.by;
    incident->reason = e.reason;
  }
  static void stop_work(Incident& incident) {
    incident.checks.clear();
    incident.attempt.reset();
    incident.asked.reset();
  }
  void operator()(const ChecksAnswered& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    std::vector<CheckState> checks;
    for (std::size_t i = 0; i < e.answers.size(); ++i) {
      const bool same =
          i < incident->checks.size() && incident->checks[i].answer.verdict == e.answers[i].verdict;
      checks.push_back({e.answers[i], same ? incident->checks[i].since : at});
    }
    incident->checks = std::move(checks);
  }
  void operator()(const PlanRequested& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    enter(*incident, Phase::Planning, at);
    incident->tier = e.tier;
    ++incident->attempts;
    incident->attempt = Attempt{};
    incident->attempt->id = e.attempt;
  }
  void operator()(const PlanMade& e) const {
    if (Incident* incident = attempting(e.incident, e.attempt)) incident->attempt->plan = e.plan;
  }
  void operator()(const GuardRefused& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    enter(*incident, Phase::Waiting, at);
    if (!incident->waiting_since) incident->waiting_since = at;
    incident->wanted.clear();
    if (incident->attempt) incident->wanted = incident->attempt->plan.resources;
    incident->attempt.reset();
    incident->refused_by = e.guard;
    incident->reason = e.reason;
  }
  void operator()(const ApplyIntended& e) const {
    Incident* incident = attempting(e.incident, e.attempt);
    if (incident == nullptr) return;
    enter(*incident, Phase::Acting, at);
    incident->waiting_since.reset();
    incident->refused_by.clear();
    incident->acted = true;
    incident->attempt->step = e.step;
    incident->attempt->intended_in = state.epoch;
    incident->attempt->step_since = at;
    incident->attempt->confirm.reset();
    TargetHistory& history = state.targets[key_of(incident->target)];
    history.last_change = at;
    if (e.step != 0) return;
    incident->granted.reset();  // used once
    auto& attempts = history.attempts;
    attempts.push_back(at);
    bound(attempts, kAttemptsKept);
  }
  void operator()(const ApplyFinished& e) const {
    Incident* incident = attempting(e.incident, e.attempt);
    if (incident == nullptr) return;
    if (e.outcome == Applied::Done) incident->attempt->changed_world = true;
    if (e.outcome == Applied::WorldDiffers) ++incident->plans_anew;
    enter(*incident, Phase::Confirming, at);
  }
  void operator()(const ConfirmAnswered& e) const {
    Incident* incident = attempting(e.incident, e.attempt);
    if (incident == nullptr) return;
    if (e.answer == Confirmed::Applied) incident->attempt->changed_world = true;
    incident->attempt->confirm = e.answer;
    keep_what_is_left(state, *incident, e);
  }
  void operator()(const VerificationStarted& e) const {
    Incident* incident = attempting(e.incident, e.attempt);
    if (incident == nullptr) return;
    enter(*incident, Phase::Verifying, at);
    incident->checks.clear();
  }
  void operator()(const TierFailed& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    if (incident->attempt && incident->attempt->changed_world)
      state.targets[key_of(incident->target)].last_change = at;
    if (incident->phase == Phase::Verifying) count_failure(*incident);
    incident->attempt.reset();
    incident->asked.reset();
    incident->granted.reset();
    incident->plans_anew = 0;
    incident->tier = e.tier + 1;
    incident->reason = e.reason;
  }
  void operator()(const TierSkipped& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    incident->granted.reset();
    incident->plans_anew = 0;
    incident->tier = e.tier + 1;
    incident->reason = e.reason;
  }
  void count_failure(const Incident& incident) const {
    for (const std::string& scope : breakers_of(incident)) {
      auto& failures = state.breakers[scope].failures;
      failures.push_back({key_of(incident.target), at});
      bound(failures, kFailuresKept);
    }
  }
  void operator()(const ApprovalRequested& e) const {
    Incident* incident = attempting(e.incident, e.attempt);
    if (incident == nullptr) return;
    enter(*incident, Phase::Approving, at);
    incident->attempt.reset();
    incident->waiting_since.reset();
    incident->granted.reset();
    incident->asked = Asked{e.hash, e.what, e.from, e.expires_at, e.at_expiry};
    incident->reason = "waits for approval: " + e.what;
  }
  void operator()(const Approved& e) const {
    Incident* incident = open(e.incident);
    if (incident == nullptr) return;
    incident->asked.reset();
    incident->granted = Granted{e.hash, e.until};
  }
  void operator()(const ApprovalExpired& e) const {
    if (Incident* incident = open(e.incident)) incident->asked.reset();
  }
  void operator()(const Paused& e) const { state.paused.insert_or_assign(e.scope, e.why); }
  void operator()(const Unpaused& e) const { state.paused.erase(e.scope); }
  void operator()(const BreakerOpened& e) const {
    BreakerState& breaker = state.breakers[e.scope];
    breaker.open = true;
    breaker.why = e.why;
  }
  void operator()(const BreakerClosed& e) const { state.breakers.erase(e.scope); }
  void operator()(const StaleResult&) const {}
  void operator()(const TimeLost&) const { leases_after_sleep(state); }
  void operator()(const WatchdogLost&) const { state.watchdog_lost = true; }
  void operator()(const WatchdogReturned&) const { state.watchdog_lost = false; }
  void operator()(const Recovered& e) const {
    end_incident(state, e.incident, Phase::Recovered, e.reason, at);
  }
  void operator()(const HandedOver& e) const {
    end_incident(state, e.incident, Phase::HandedOver, e.reason, at);
  }
  void operator()(const Cancelled& e) const {
    end_incident(state, e.incident, Phase::Cancelled, e.reason, at);
  }

  void operator()(const MessageQueued& e) const {
    state.last_message = std::max(state.last_message, e.id);
    state.outbox.insert_or_assign(e.id, OutboxEntry{e, 0, at, at});
  }
  void operator()(const MessageDelivered& e) const { state.outbox.erase(e.id); }
  void operator()(const MessageDeferred& e) const {
    const auto found = state.outbox.find(e.id);
    if (found == state.outbox.end()) return;
    ++found->second.tries;
    found->second.not_before = e.retry_at;
  }
  void operator()(const MessageDropped& e) const { state.outbox.erase(e.id); }

  // Those about leases.
  template <class E>
    requires requires(const E& e) { e.lease; }
  void operator()(const E& e) const {
    fold_lease(state, e, at);
  }
};

// Whether it may change to what an incident belongs; the others are many.
bool relates_anew(const Payload& payload) {
  return std::visit(
      []<class E>(const E&) {
        return std::is_same_v<E, IncidentOpened> || std::is_same_v<E, IncidentAdopted> ||
               std::is_same_v<E, DiagnosisStarted> || std::is_same_v<E, Recovered> ||
               std::is_same_v<E, HandedOver> || std::is_same_v<E, Cancelled>;
      },
      payload);
}

}  // namespace

void fold(State& state, const Event& event) {
  state.last = std::max(state.last, event.at);
  const IncidentId id = incident_of(event.payload);
  if (const Incident* before = state.find(id); before != nullptr) {
    if (before->in_flight()) state.under_repair.remove(*before);
    if (relates_anew(event.payload)) state.related.remove(*before);
  }
  const IncidentId lease = lease_of(event.payload);
  if (const Lease* before = state.find_lease(lease); before != nullptr && before->undoing())
    state.under_repair.let_go(before->undo->plan.resources, lease);
  std::visit(Folder{state, event.at}, event.payload);
  if (const Lease* after = state.find_lease(lease); after != nullptr && after->undoing())
    state.under_repair.hold(after->undo->plan.resources, lease);
  if (const Incident* after = state.find(id); after != nullptr) {
    if (after->in_flight()) state.under_repair.add(*after);
    if (relates_anew(event.payload)) state.related.add(*after);
  }
}

bool operator==(const State& a, const State& b) {
  const auto comparable = [](const State& s) {
    return std::tie(s.epoch, s.journal_id, s.last, s.last_incident, s.last_message, s.open,
                    s.open_by_target, s.leases, s.under_repair, s.related, s.alerts,
                    s.alerts_in_order, s.targets, s.outbox, s.ended, s.reconcile_wanted, s.losses,
                    s.paused, s.breakers, s.watchdog_lost);
  };
  return comparable(a) == comparable(b);
}

}  // namespace fieldmedic::core

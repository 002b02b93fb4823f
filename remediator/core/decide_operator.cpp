// What people order: cancel, pause, resume, close a breaker. Each order has one answer.
#include <set>
#include <string_view>

#include "remediator/core/deciding.hpp"
#include "remediator/core/scope.hpp"

namespace fieldmedic::core {
namespace {

std::string said(const std::string& by, const std::string& reason) {
  return reason.empty() ? "by " + by : "by " + by + ": " + reason;
}

}  // namespace

void Deciding::on(const CancelIncident& input) {
  const Incident* incident = find(input.incident);
  if (incident == nullptr)
    return answer(fail(Errc::NotFound, "no open incident " + std::to_string(input.incident)));
  if (incident->attempt) release(CancelAttempt{incident->attempt->id});
  cancel(input.incident, said(input.by, input.reason));
  answer({});
}

void Deciding::on(const Pause& input) {
  if (!is_scope(input.scope))
    return answer(fail(
        Errc::Invalid,
        "a scope is all, group/G, host/H, playbook/P or incident/N, not \"" + input.scope + "\""));
  if (state_.paused.contains(input.scope))
    return answer(fail(Errc::Conflict, input.scope + " is paused already"));
  if (state_.paused.size() >= kPausesMost)
    return answer(fail(Errc::Full, "too many pauses: resume some first"));
  emit(Paused{input.scope, said(input.by, input.reason)});
  answer({});
}

void Deciding::on(const Unpause& input) {
  if (!state_.paused.contains(input.scope))
    return answer(fail(Errc::Conflict, input.scope + " is not paused"));
  emit(Unpaused{input.scope, said(input.by, input.reason)});
  ask_waiting(Guard::Paused);
  answer({});
}

void Deciding::on(const CloseBreaker& input) {
  const auto found = state_.breakers.find(input.scope);
  if (found == state_.breakers.end() || !found->second.open)
    return answer(fail(Errc::Conflict, "no open breaker " + input.scope));
  emit(BreakerClosed{input.scope, said(input.by, input.reason)});
  ask_waiting(Guard::Breaker);
  answer({});
}

// What was held back is not let loose: each is validated again (S11).
void Deciding::ask_waiting(Guard guard) {
  std::vector<IncidentId> ids;
  for (const auto& [id, incident] : state_.open)
    if (incident.phase == Phase::Waiting && incident.refused_by == to_string(guard))
      ids.push_back(id);
  for (const IncidentId id : ids) wait_on(*find(id));
}

// S11: remedies that do not help, on one target after another, are no remedies.
void Deciding::trip_breakers(const std::vector<std::string>& scopes) {
  const Breaker& limits = policy_.guards.breaker;
  for (const std::string& scope : scopes) {
    const auto found = state_.breakers.find(scope);
    if (found == state_.breakers.end() || found->second.open) continue;
    std::set<std::string_view> targets;
    for (const BreakerState::Failure& failure : found->second.failures)
      if (now_ - failure.at < limits.within) targets.insert(failure.target);
    const int most = scope == kWholeFleet ? limits.fleet_targets : limits.targets;
    if (static_cast<int>(targets.size()) < most) continue;
    const std::string why = "the repair did not help on " + std::to_string(targets.size()) +
                            " targets within " + std::to_string(limits.within.count() / 1000) +
                            " s";
    emit(BreakerOpened{scope, why});
    tell_self("Repairs are held back: " + scope,
              why + "; nothing more is done there until a person closes the breaker");
  }
}

}  // namespace fieldmedic::core

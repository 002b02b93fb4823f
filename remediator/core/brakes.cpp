// Guards that people and circumstances set, whatever the remedy: removed, paused, windows,
// breakers, self-protection.
#include <algorithm>

#include "remediator/core/guard.hpp"
#include "remediator/core/scope.hpp"

namespace fieldmedic::core {
namespace {

// Nothing but a person ends these, and that asks again at once.
constexpr Duration kAskAgain{60'000};

std::optional<Refusal> removed(const Policy& policy, const Incident& incident) {
  if (!policy.playbooks.contains(incident.playbook->name))
    return Refusal{Guard::Removed,
                   "playbook " + incident.playbook->name + " is not configured any more",
                   std::nullopt};
  if (!policy.targets.contains(key_of(incident.target)))
    return Refusal{Guard::Removed, "the target is not in the inventory any more", std::nullopt};
  return std::nullopt;
}

std::optional<Refusal> paused(const Policy& policy, const State& state, const Incident& incident,
                              Time now) {
  if (policy.kill_switch)
    return Refusal{Guard::Paused, "kill_switch is set in the configuration", now + kAskAgain};
  if (state.paused.empty()) return std::nullopt;
  for (const std::string& scope : scopes_of(incident))
    if (const auto found = state.paused.find(scope); found != state.paused.end())
      return Refusal{Guard::Paused, scope + " is paused " + found->second, now + kAskAgain};
  return std::nullopt;
}

std::optional<Refusal> in_window(const Policy& policy, const Incident& incident, Time now) {
  if (policy.windows.empty()) return std::nullopt;
  const std::vector<std::string> scopes = scopes_of(incident);
  for (const Window& window : policy.windows) {
    if (std::ranges::find_first_of(scopes, window.scopes) == scopes.end()) continue;
    if (const auto until = inside_until(window, now))
      return Refusal{Guard::Window, "window " + window.name + " is open", until};
  }
  return std::nullopt;
}

std::optional<Refusal> breaker(const State& state, const Incident& incident, Time now) {
  if (state.breakers.empty()) return std::nullopt;
  for (const std::string& scope : breakers_of(incident)) {
    const auto found = state.breakers.find(scope);
    if (found != state.breakers.end() && found->second.open)
      return Refusal{
          Guard::Breaker,
          "the breaker " + scope + " is open (" + found->second.why + "); a person closes it",
          now + kAskAgain};
  }
  return std::nullopt;
}

// S12: the host that this remediator, its Prometheus or its Alertmanager needs.
std::optional<Refusal> self_protection(const Policy& policy, const Incident& incident,
                                       const Plan& plan) {
  const auto live = policy.playbooks.find(incident.playbook->name);
  for (const std::string& host : policy.protected_hosts) {
    if (live != policy.playbooks.end() && live->second.may_touch.contains(host)) continue;
    if (std::ranges::find(plan.resources, "host/" + host) != plan.resources.end())
      return Refusal{Guard::SelfProtection,
                     "it touches the whole host " + host +
                         ", which the remediator itself needs; the playbook does not allow that "
                         "by name (may_touch)",
                     std::nullopt};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> ask_holds(const Policy& policy, const State& state, const Incident& incident,
                                 Time now) {
  if (auto no = paused(policy, state, incident, now)) return no;
  return in_window(policy, incident, now);
}

std::optional<Refusal> ask_brakes(const Policy& policy, const State& state,
                                  const Incident& incident, const Plan* plan, Time now) {
  if (auto no = removed(policy, incident)) return no;
  if (auto no = ask_holds(policy, state, incident, now)) return no;
  if (auto no = breaker(state, incident, now)) return no;
  return plan == nullptr ? std::nullopt : self_protection(policy, incident, *plan);
}

}  // namespace fieldmedic::core

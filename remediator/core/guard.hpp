// Guards: may this incident be acted on now? Asked when planning and again right before an apply.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/core/group_health.hpp"
#include "remediator/core/incident.hpp"
#include "remediator/core/policy.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic::core {

enum class Guard {
  Removed,         // S20: the configuration knows its target or its playbook no more
  Paused,          // a person, or the kill switch of the configuration
  Window,          // a maintenance or release window is open
  Breaker,         // S11: the repair did not help on one target after another
  SelfProtection,  // S12: the remediator itself stands on that host
  Attempts,        // S10: attempts on this target within the playbook's window are used up
  Cooldown,        // another incident changed this target a moment ago
  Correlation,     // S7: whether it is one of many is waited for before harder tiers
  Lease,           // S14: what the plan touches is changed for a time by another incident
  Overlap,         // S3: another incident holds a resource of this plan
  InFlightHost,    // S9: caps
  InFlightGroup,
  InFlightFleet,
  MinHealthy,    // S9: too few members would be left, or how many cannot be told
  MaxUnhealthy,  // S9: so many are sick that it is no fault of one
  Unreadable,    // the world could not be read for the plan
};

[[nodiscard]] constexpr std::string_view to_string(Guard guard) {
  switch (guard) {
    case Guard::Removed: return "removed";
    case Guard::Paused: return "paused";
    case Guard::Window: return "window";
    case Guard::Breaker: return "breaker";
    case Guard::SelfProtection: return "self_protection";
    case Guard::Attempts: return "attempts";
    case Guard::Cooldown: return "cooldown";
    case Guard::Correlation: return "correlation";
    case Guard::Lease: return "lease";
    case Guard::Overlap: return "overlap";
    case Guard::InFlightHost: return "in_flight_host";
    case Guard::InFlightGroup: return "in_flight_group";
    case Guard::InFlightFleet: return "in_flight_fleet";
    case Guard::MinHealthy: return "min_healthy";
    case Guard::MaxUnhealthy: return "max_unhealthy";
    case Guard::Unreadable: return "unreadable";
  }
  return "invalid";
}

inline constexpr Guard kGuards[] = {
    Guard::Removed,        Guard::Paused,     Guard::Window,       Guard::Breaker,
    Guard::SelfProtection, Guard::Attempts,   Guard::Cooldown,     Guard::Correlation,
    Guard::Lease,          Guard::Overlap,    Guard::InFlightHost, Guard::InFlightGroup,
    Guard::InFlightFleet,  Guard::MinHealthy, Guard::MaxUnhealthy, Guard::Unreadable};

struct Refusal {
  Guard guard = Guard::Attempts;
  std::string reason;
  std::optional<Time> retry_at;  // none: it will not change by waiting
};

// Who holds a resource, in words.
[[nodiscard]] std::string at_work(const State& state, const UnderRepair::Holder& holder);

// The first guard that says no. `plan` is null while there is none yet.
[[nodiscard]] std::optional<Refusal> ask_guards(const Policy& policy, const State& state,
                                                const Incident& incident, const Plan* plan,
                                                Time now);

// Asked with a fresh plan, after the others: too many sick, too few left. What was not asked or
// could not be read says no as well.
[[nodiscard]] std::optional<Refusal> ask_health(const Policy& policy, const Incident& incident,
                                                const Plan& plan,
                                                const std::optional<Result<GroupHealth>>& health,
                                                Time now);

// What holds back all that changes the world: paused, windows (brakes.cpp).
[[nodiscard]] std::optional<Refusal> ask_holds(const Policy& policy, const State& state,
                                               const Incident& incident, Time now);

// Why a plan's temporary change may not be made on these terms (S14); empty: it may, or it is none.
[[nodiscard]] std::string unfit_lease(const Plan& plan, const Tier& tier);

// Those of them that do not depend on what was done before: removed, paused, breaker,
// self-protection (brakes.cpp).
[[nodiscard]] std::optional<Refusal> ask_brakes(const Policy& policy, const State& state,
                                                const Incident& incident, const Plan* plan,
                                                Time now);

}  // namespace fieldmedic::core

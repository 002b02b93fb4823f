#include "tests/sim/people.hpp"

#include <array>
#include <iterator>

namespace fieldmedic::core::sim {

using namespace std::chrono_literals;

void People::begin() {
  day();
}

void People::order(Input input) {
  if (machine_.alive()) machine_.give(std::move(input), [](Heard, const std::optional<Status>&) {});
}

void People::told(const Message& message) {
  if (left_ || message.kind != MessageKind::ApprovalWanted || rng_.chance(40)) return;
  schedule_.after(rng_.between(5s, 120s), [this] {
    if (!left_) answer_questions();
  });
}

// Whoever looks answers all that waits.
void People::answer_questions() {
  for (const auto& [id, incident] : machine_.state().open)
    if (incident.asked) order(Approve{id, incident.asked->hash, "alice", incident.asked->from});
}

void People::day() {
  schedule_.after(rng_.between(20s, 90s), [this] {
    if (left_) return;
    day();
    if (!machine_.alive()) return;
    if (faults_.strikes(Fault::Meddling)) meddle();
    const State& state = machine_.state();
    if (!state.paused.empty() && rng_.chance(10))
      order(Unpause{state.paused.begin()->first, "bob", ""});
    for (const auto& [scope, breaker] : state.breakers)
      if (breaker.open && rng_.chance(5)) order(CloseBreaker{scope, "bob", "looked at"});
  });
}

std::string People::some_scope() {
  const Target& target = rng_.pick(world_.members()).target;
  const std::array<std::string, 6> scopes{"all",
                                          "group/" + target.group,
                                          "host/" + target.host,
                                          "playbook/collector-down",
                                          "incident/" + std::to_string(some_incident()),
                                          "host/"};
  return rng_.pick(scopes);
}

IncidentId People::some_incident() {
  const auto& open = machine_.state().open;
  if (open.empty() || rng_.chance(10)) return 0;
  return std::next(open.begin(), rng_.between(0, static_cast<int>(open.size()) - 1))->first;
}

// Whoever settles a lease looked at the world long after it was handed over.
void People::end_some_lease() {
  const auto& leases = machine_.state().leases;
  if (leases.empty()) return order(EndLease{1, LeaseOrder::Undo, "bob", ""});
  const Lease& lease =
      std::next(leases.begin(), rng_.between(0, static_cast<int>(leases.size()) - 1))->second;
  const bool looked = machine_.state().last - lease.phase_since > 15min;
  if (lease.phase == LeasePhase::HandedOver && looked)
    return order(EndLease{lease.id, LeaseOrder::Settle, "bob", "by hand"});
  const bool settle = lease.phase != LeasePhase::HandedOver && rng_.chance(15);
  order(EndLease{lease.id, settle ? LeaseOrder::Settle : LeaseOrder::Undo, "bob", ""});
}

void People::meddle() {
  const IncidentId id = some_incident();
  const Incident* incident = machine_.state().find(id);
  switch (rng_.between(1, 9)) {
    case 1: return order(Pause{some_scope(), "bob", "release"});
    case 2: return order(Unpause{some_scope(), "bob", ""});
    case 3: return order(CancelIncident{id, "bob", rng_.chance(50) ? "mine" : ""});
    case 4: return order(CloseBreaker{rng_.chance(50) ? "all" : some_scope(), "bob", ""});
    case 5: return order(Approve{id, "another plan", "bob", Role::Admin});
    case 8:
    case 9: return end_some_lease();
    case 6:
      if (incident != nullptr && incident->asked)
        order(Approve{id, incident->asked->hash, "eve", Role::Viewer});
      return;
    default:
      if (incident != nullptr && incident->asked) {
        order(Approve{id, incident->asked->hash, "bob", Role::Admin});
        order(Approve{id, incident->asked->hash, "carol", Role::Admin});
      }
  }
}

}  // namespace fieldmedic::core::sim

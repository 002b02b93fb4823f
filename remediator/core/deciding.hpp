// The work bench of one decide(): emits events (folding each at once) and effects. Internal to
// core.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "remediator/core/decide.hpp"
#include "remediator/core/guard.hpp"

namespace fieldmedic::core {

// What a question may take beyond its own limit before a timer ends the waiting.
inline constexpr Duration kGrace{10'000};
// The same for a round of the checks, each of which has a timeout of its own.
inline constexpr Duration kChecksGrace{60'000};
// When to look again at what could not be read.
inline constexpr Duration kRetry{15'000};

// The longest that the checks may be asked in one phase: to pass in time, and to hold.
[[nodiscard]] inline Duration longest(const Verification& verify) {
  Duration hold{0};
  for (const CheckSpec& check : verify.checks) hold = std::max(hold, check.hold);
  return verify.within + hold;
}

class Deciding {
 public:
  Deciding(const Policy& policy, State& state, Time now)
      : policy_(policy), state_(state), now_(now) {}

  // One overload an input; each in the file named after it.
  void on(const AlertBatch& input);      // decide_alerts.cpp
  void on(const Resume& input);          // decide_time.cpp
  void on(const Timer& input);           // decide_time.cpp
  void on(const ChecksDone& input);      // decide_checks.cpp
  void on(const AlertsAsked& input);     // decide_checks.cpp
  void on(const Planned& input);         // decide_attempt.cpp
  void on(const ApplyDone& input);       // decide_attempt.cpp
  void on(const ConfirmDone& input);     // decide_attempt.cpp
  void on(const DeliveryDone& input);    // decide_delivery.cpp
  void on(const ReconcileDone& input);   // decide_delivery.cpp
  void on(const Slept& input);           // decide_time.cpp
  void on(const WatchdogMissed& input);  // decide_time.cpp
  void on(const Approve& input);         // decide_approval.cpp
  void on(const CancelIncident& input);  // decide_operator.cpp
  void on(const Pause& input);           // decide_operator.cpp
  void on(const Unpause& input);         // decide_operator.cpp
  void on(const CloseBreaker& input);    // decide_operator.cpp
  void on(const EndLease& input);        // decide_lease.cpp

  [[nodiscard]] Decision take() { return std::move(decision_); }

 private:
  using What = decltype(Effect::what);

  void emit(Payload payload);
  void release(What what, Time not_before = Time{});
  [[nodiscard]] const Incident* find(IncidentId id) const { return state_.find(id); }

  // Alerts.
  void receive(const RoutedAlert& routed);
  void ignore(const RoutedAlert& routed, IgnoreReason reason, const std::string& why);
  void used_again(const AlertKey& key, const AlertRecord& record);
  void open_incident(const RoutedAlert& routed);
  // What opens, and by which alert: none for what is seen in many.
  struct Opening {
    Target target;
    const Playbook& playbook;
    LabelMap labels;
    WideFault fault{Fault::Node, ""};
    const Alert* alert = nullptr;
  };
  void open(const Opening& opening);
  [[nodiscard]] bool ends_as_relapse(IncidentId id, IncidentId before);
  void ask_back(const std::string& why);
  void ask_back_later(const ReconcileDone& input);

  // Phases. Each takes an id: emitting may move the incident.
  void diagnose(IncidentId id, std::string reason);
  void diagnose_on(IncidentId id);
  void begin_diagnosis(const Incident& incident);
  void ask_checks(const Incident& incident, Time not_before);
  void judge_diagnosis(const Incident& incident);
  void judge_alerting(const Incident& incident);
  void watch(const Incident& incident);
  void judge_verification(const Incident& incident);
  void request_plan(IncidentId id);
  [[nodiscard]] bool skip_tiers(IncidentId id);
  void refuse(IncidentId id, const Refusal& refusal);
  void wait_on(const Incident& incident);
  void intend(IncidentId id, std::uint32_t step);
  void step_confirmed(IncidentId id);
  void unconfirmed(IncidentId id, const ConfirmDone& answer);
  void ask_confirm(const Incident& incident, Time not_before);
  void plan_anew(IncidentId id, const std::string& evidence);
  void fail_tier(IncidentId id, const std::string& reason);
  void verify(IncidentId id);
  void wake_at(const Incident& incident, Time time);
  void expect_watchdog();
  [[nodiscard]] bool is_approved(const Incident& incident, const std::string& hash) const;
  void ask_approval(IncidentId id, const std::string& hash);
  void approve(IncidentId id, const std::string& hash, const std::string& by);
  void approval_expired(const Incident& incident);

  // Scope (decide_scope.cpp).
  [[nodiscard]] bool comes_to_wait(IncidentId id);
  void adopt(IncidentId id, IncidentId owner);
  void adopt_narrower(IncidentId owner);
  void look_for_wide_fault(const Target& member);
  void release_adopted(IncidentId owner, const std::string& how);
  void look_at_owner(const Incident& incident);

  // Temporary changes (decide_lease.cpp). What takes a Lease& emits at its end at most.
  void take_lease(IncidentId id);
  [[nodiscard]] std::vector<Plan> made_by(IncidentId id, const Spec& action) const;
  void void_lease(const AttemptId& attempt, const std::string& reason);
  void watch_lease(const Lease& lease);
  void ask_until(const Lease& lease, Time not_before);
  void wake_at(const Lease& lease, Time time);
  void lease_looked(const Lease& lease, const ChecksDone& input);
  void lease_timer(const Lease& lease);
  void judge_lease(const Lease& lease);
  void end_lease(IncidentId id, LeaseEnd how, const std::string& reason);
  void hand_over_lease(IncidentId id, const std::string& reason);
  void resume_leases();
  // Their undo (decide_undo.cpp).
  [[nodiscard]] std::string holds_undo(const Lease& lease, const Plan& plan) const;
  void begin_undo(IncidentId id);
  void defer_undo(IncidentId id, const std::string& reason);
  void fail_undo(IncidentId id, const std::string& reason);
  void lose_undo(IncidentId id, const std::string& reason);
  [[nodiscard]] bool undo_stale(const Lease& lease, const AttemptId& attempt, std::uint32_t step,
                                LeasePhase phase, const char* what);
  void undo_planned(const Lease& lease, const Planned& input);
  void intend_undo(IncidentId id, std::uint32_t step);
  void undone(IncidentId id, const std::string& reason);
  void undo_applied(const Lease& lease, const ApplyDone& input);
  void undo_overdue(const Lease& lease);
  void look_up_undo(IncidentId id);
  void confirm_undo(const Lease& lease, Time not_before);
  void undo_confirmed(const Lease& lease, const ConfirmDone& input);
  void undo_step_confirmed(IncidentId id);

  // People's orders.
  void answer(Status verdict) { decision_.verdict = std::move(verdict); }
  void ask_waiting(Guard guard);
  void trip_breakers(const std::vector<std::string>& scopes);
  [[nodiscard]] bool stale(IncidentId id, const AttemptId& attempt, std::uint32_t step, Phase phase,
                           const char* what);

  // Ends. Each tells the playbook's receivers where people should know.
  void recover(IncidentId id, const std::string& reason);
  void hand_over(IncidentId id, const std::string& reason);
  void cancel(IncidentId id, const std::string& reason);

  // People (decide_delivery.cpp).
  void tell(const Incident& ended, MessageKind kind);
  void tell_self(const std::string& title, const std::string& detail);
  void queue(IncidentId incident, const std::string& receiver, std::uint32_t channel,
             std::uint32_t channels_after, const Message& message);
  void drop(const OutboxEntry& entry, const std::string& channel, const std::string& detail);

  const Policy& policy_;
  State& state_;
  Time now_;
  Decision decision_;
};

}  // namespace fieldmedic::core

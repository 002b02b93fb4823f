#include "remediator/core/event.hpp"

#include <type_traits>

namespace fieldmedic::core {
namespace {

// One overload an event: a new alternative without a name does not compile.
std::string_view name(const Started&) {
  return "started";
}
std::string_view name(const AlertReceived&) {
  return "alert_received";
}
std::string_view name(const AlertPersists&) {
  return "alert_persists";
}
std::string_view name(const AlertIgnored&) {
  return "alert_ignored";
}
std::string_view name(const IntakeLost&) {
  return "intake_lost";
}
std::string_view name(const Reconciled&) {
  return "reconciled";
}
std::string_view name(const IncidentOpened&) {
  return "incident_opened";
}
std::string_view name(const DiagnosisStarted&) {
  return "diagnosis_started";
}
std::string_view name(const ChecksAnswered&) {
  return "checks_answered";
}
std::string_view name(const PlanRequested&) {
  return "plan_requested";
}
std::string_view name(const PlanMade&) {
  return "plan_made";
}
std::string_view name(const GuardRefused&) {
  return "guard_refused";
}
std::string_view name(const ApplyIntended&) {
  return "apply_intended";
}
std::string_view name(const ApplyFinished&) {
  return "apply_finished";
}
std::string_view name(const ConfirmAnswered&) {
  return "confirm_answered";
}
std::string_view name(const VerificationStarted&) {
  return "verifying_started";
}
std::string_view name(const TierFailed&) {
  return "tier_failed";
}
std::string_view name(const TierSkipped&) {
  return "tier_skipped";
}
std::string_view name(const IncidentAdopted&) {
  return "incident_adopted";
}
std::string_view name(const StaleResult&) {
  return "stale_result";
}
std::string_view name(const Recovered&) {
  return "recovered";
}
std::string_view name(const HandedOver&) {
  return "handed_over";
}
std::string_view name(const Cancelled&) {
  return "cancelled";
}
std::string_view name(const MessageQueued&) {
  return "message_queued";
}
std::string_view name(const MessageDelivered&) {
  return "message_delivered";
}
std::string_view name(const MessageDeferred&) {
  return "message_deferred";
}
std::string_view name(const MessageDropped&) {
  return "message_dropped";
}
std::string_view name(const TimeLost&) {
  return "time_lost";
}
std::string_view name(const WatchdogLost&) {
  return "watchdog_lost";
}
std::string_view name(const WatchdogReturned&) {
  return "watchdog_returned";
}
std::string_view name(const ApprovalRequested&) {
  return "approval_requested";
}
std::string_view name(const Approved&) {
  return "approved";
}
std::string_view name(const ApprovalExpired&) {
  return "approval_expired";
}
std::string_view name(const Paused&) {
  return "paused";
}
std::string_view name(const Unpaused&) {
  return "unpaused";
}
std::string_view name(const BreakerOpened&) {
  return "breaker_opened";
}
std::string_view name(const BreakerClosed&) {
  return "breaker_closed";
}
std::string_view name(const LeaseTaken&) {
  return "lease_taken";
}
std::string_view name(const LeaseVoided&) {
  return "lease_voided";
}
std::string_view name(const LeaseLooked&) {
  return "lease_looked";
}
std::string_view name(const LeaseEnded&) {
  return "lease_ended";
}
std::string_view name(const UndoRequested&) {
  return "undo_requested";
}
std::string_view name(const UndoPlanned&) {
  return "undo_planned";
}
std::string_view name(const UndoDeferred&) {
  return "undo_deferred";
}
std::string_view name(const UndoIntended&) {
  return "undo_intended";
}
std::string_view name(const UndoApplied&) {
  return "undo_applied";
}
std::string_view name(const UndoConfirmed&) {
  return "undo_confirmed";
}
std::string_view name(const Undone&) {
  return "undone";
}
std::string_view name(const UndoFailed&) {
  return "undo_failed";
}
std::string_view name(const LeaseHandedOver&) {
  return "lease_handed_over";
}
std::string_view name(const LeaseSettled&) {
  return "lease_settled";
}

}  // namespace

std::string_view name_of(const Payload& payload) {
  return std::visit([](const auto& event) { return name(event); }, payload);
}

IncidentId incident_of(const Payload& payload) {
  return std::visit(
      [](const auto& event) -> IncidentId {
        if constexpr (requires { event.incident; })
          return event.incident;
        else
          return 0;
      },
      payload);
}

IncidentId lease_of(const Payload& payload) {
  return std::visit(
      [](const auto& event) -> IncidentId {
        if constexpr (requires { event.lease; })
          return event.lease;
        else
          return 0;
      },
      payload);
}

}  // namespace fieldmedic::core

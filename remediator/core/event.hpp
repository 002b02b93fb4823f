// What happened and what was decided: the only memory. state = fold(events).
//
// An event says all that folding it needs (S18): no policy, no configuration, no clock. A change of
// an event's meaning needs a new version in the codec and an upcaster.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "remediator/core/alert.hpp"
#include "remediator/core/brake_event.hpp"
#include "remediator/core/condition.hpp"
#include "remediator/core/lease_event.hpp"
#include "remediator/core/message_event.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/target.hpp"
#include "remediator/core/time.hpp"
#include "remediator/core/wide_fault.hpp"

namespace fieldmedic::core {

// The remediator started: a new epoch (S19), and nothing that ran before runs now. The first of a
// journal also gives it its name.
struct Started {
  Epoch epoch = 0;
  std::string journal_id;  // [a-z0-9]{8}, the same in every Started of one journal
  std::string boot_id;
  std::string version;
  friend bool operator==(const Started&, const Started&) = default;
};

// An alert that changed nothing before now: a new occurrence, or the end of one.
struct AlertReceived {
  AlertKey key;
  AlertStatus status = AlertStatus::Firing;
  IncidentId incident = 0;  // the incident it belongs to
  std::string playbook;     // the one that would serve it; that of the incident may be another
  std::string name{};       // its alertname
  friend bool operator==(const AlertReceived&, const AlertReceived&) = default;
};

// It keeps firing long after its incident was proved recovered: a person is told, once.
struct AlertPersists {
  AlertKey key;
  IncidentId incident = 0;
  friend bool operator==(const AlertPersists&, const AlertPersists&) = default;
};

// An occurrence that opens nothing, recorded once.
struct AlertIgnored {
  AlertKey key;
  AlertStatus status = AlertStatus::Firing;
  IgnoreReason reason = IgnoreReason::NoPlaybook;
  std::string why;
  LabelMap labels;
  friend bool operator==(const AlertIgnored&, const AlertIgnored&) = default;
};

// A webhook that was too large or had been cut: what it held is asked back from Alertmanager.
struct IntakeLost {
  std::string why;  // "body of 70000000 bytes" or "12 alerts cut by max_alerts"
  friend bool operator==(const IntakeLost&, const IntakeLost&) = default;
};

// Alertmanager's own list of alerts was read after a loss.
struct Reconciled {
  std::uint64_t alerts = 0;
  friend bool operator==(const Reconciled&, const Reconciled&) = default;
};

struct IncidentOpened {
  IncidentId incident = 0;
  Target target;
  Playbook playbook;             // pinned (S20)
  LabelMap labels;               // of the alert that opened it: what templates of actions read
  IncidentId relapse_of = 0;     // 0: not a relapse
  std::uint32_t first_tier = 0;  // where the ladder stood, for a relapse
  Fault fault = Fault::Node;
  std::string why{};  // of a wide fault: how it was seen
  friend bool operator==(const IncidentOpened&, const IncidentOpened&) = default;
};

// The checks are asked, from the start, whether the target is sick: after opening, after waiting,
// after a tier that did not help, after a restart of ours.
struct DiagnosisStarted {
  IncidentId incident = 0;
  std::string reason;
  friend bool operator==(const DiagnosisStarted&, const DiagnosisStarted&) = default;
};

// What the checks said, recorded when it differs from the last time.
struct ChecksAnswered {
  IncidentId incident = 0;
  std::vector<CheckAnswer> answers;  // in the order of the playbook's checks
  friend bool operator==(const ChecksAnswered&, const ChecksAnswered&) = default;
};

struct PlanRequested {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t tier = 0;
  friend bool operator==(const PlanRequested&, const PlanRequested&) = default;
};

struct PlanMade {
  IncidentId incident = 0;
  AttemptId attempt;
  Plan plan;
  friend bool operator==(const PlanMade&, const PlanMade&) = default;
};

// A guard said no: for now (asked again at `retry_at`), or for good.
struct GuardRefused {
  IncidentId incident = 0;
  std::string guard;   // "attempts", "cooldown" … a closed set, see guard.hpp
  std::string reason;  // for people
  std::optional<Time> retry_at;
  friend bool operator==(const GuardRefused&, const GuardRefused&) = default;
};

// The intent: after this is on disk, and only then, the step is applied. Reserves the attempt
// (S10).
struct ApplyIntended {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  std::string action;  // its name in the table
  std::string what;    // the step's own name: "stop pid 4711"
  friend bool operator==(const ApplyIntended&, const ApplyIntended&) = default;
};

struct ApplyFinished {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  std::string action;
  Applied outcome = Applied::Unknown;
  std::string evidence;
  friend bool operator==(const ApplyFinished&, const ApplyFinished&) = default;
};

struct ConfirmAnswered {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  Confirmed answer = Confirmed::Unknown;
  std::string evidence;
  std::string left{};  // JSON object by which its undo knows the change again; empty: the plan does
  friend bool operator==(const ConfirmAnswered&, const ConfirmAnswered&) = default;
};

// Every step of the plan is confirmed; from now on the checks must pass and hold.
struct VerificationStarted {
  IncidentId incident = 0;
  AttemptId attempt;
  friend bool operator==(const VerificationStarted&, const VerificationStarted&) = default;
};

// The tier is over without success; the ladder goes on with the next, or is spent.
struct TierFailed {
  IncidentId incident = 0;
  std::uint32_t tier = 0;
  std::string reason;
  friend bool operator==(const TierFailed&, const TierFailed&) = default;
};

// The tier's condition (`when`) does not hold, or whether it does cannot be told: nothing was done,
// and the ladder goes on with the next.
struct TierSkipped {
  IncidentId incident = 0;
  std::uint32_t tier = 0;
  Truth holds = Truth::No;
  std::string reason;
  friend bool operator==(const TierSkipped&, const TierSkipped&) = default;
};

// An answer that came after its attempt was over: recorded, nothing more (S1).
struct StaleResult {
  IncidentId incident = 0;
  AttemptId attempt;
  std::string what;
  friend bool operator==(const StaleResult&, const StaleResult&) = default;
};

// The machine slept: nobody looked meanwhile, so what was being proved is proved anew (S8).
struct TimeLost {
  Duration by{0};
  friend bool operator==(const TimeLost&, const TimeLost&) = default;
};

// The Watchdog alert, which always fires, stopped coming (S21): alerts may be lost on their way.
struct WatchdogLost {
  Duration within{0};  // how long none came
  friend bool operator==(const WatchdogLost&, const WatchdogLost&) = default;
};

struct WatchdogReturned {
  friend bool operator==(const WatchdogReturned&, const WatchdogReturned&) = default;
};

// All checks passed and held.
struct Recovered {
  IncidentId incident = 0;
  std::string reason;
  friend bool operator==(const Recovered&, const Recovered&) = default;
};

// A person has to go on.
struct HandedOver {
  IncidentId incident = 0;
  std::string reason;
  friend bool operator==(const HandedOver&, const HandedOver&) = default;
};

// Proved well before anything was done, or ended by a person.
struct Cancelled {
  IncidentId incident = 0;
  std::string reason;
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};

using Payload = std::variant<
    Started, AlertReceived, AlertPersists, AlertIgnored, IntakeLost, Reconciled, IncidentOpened,
    DiagnosisStarted, ChecksAnswered, PlanRequested, PlanMade, GuardRefused, ApplyIntended,
    ApplyFinished, ConfirmAnswered, VerificationStarted, TierFailed, StaleResult, Recovered,
    HandedOver, Cancelled, MessageQueued, MessageDelivered, MessageDeferred, MessageDropped,
    TimeLost, WatchdogLost, WatchdogReturned, ApprovalRequested, Approved, ApprovalExpired, Paused,
    Unpaused, BreakerOpened, BreakerClosed, TierSkipped, IncidentAdopted, LeaseTaken, LeaseVoided,
    LeaseLooked, LeaseEnded, UndoRequested, UndoPlanned, UndoDeferred, UndoIntended, UndoApplied,
    UndoConfirmed, Undone, UndoFailed, LeaseHandedOver, LeaseSettled>;

struct Event {
  Time at;  // logical time: never less than that of the event before
  Payload payload;
  friend bool operator==(const Event&, const Event&) = default;
};

// The name in the journal and in timelines: "apply_intended".
[[nodiscard]] std::string_view name_of(const Payload& payload);

// The incident it belongs to, or 0; and the lease that it is about, or 0.
[[nodiscard]] IncidentId incident_of(const Payload& payload);
[[nodiscard]] IncidentId lease_of(const Payload& payload);

}  // namespace fieldmedic::core

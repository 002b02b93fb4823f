// What the journal says, kept a second time and simply: what the rules are checked against. Nothing
// of the product's fold or guards is used.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "remediator/core/event.hpp"

namespace fieldmedic::core::sim {

using StepKey = std::pair<AttemptId, std::uint32_t>;

// An open incident.
struct Case {
  Target target;
  Playbook playbook;
  LabelMap labels;
  std::map<AlertKey, AlertStatus> alerts;
  std::map<AlertKey, std::string> names;  // of them
  std::set<AlertKey> of_others;           // alerts of other playbooks
  bool relapse = false;
  Time opened;
  IncidentId adopted_by = 0;
  std::uint32_t tier = 0;
  AttemptId attempt;
  Plan plan;
  Epoch planned_in = 0;
  std::vector<std::string> wanted;  // resources of the plan that was refused last
  std::uint32_t step = 0;
  bool acted = false;
  bool changed = false;    // by the attempt under way
  bool in_flight = false;  // intended and neither verified nor given up
  bool proving = false;
  std::set<StepKey> unsettled;  // intended, and what became of it is not known
  std::optional<ApprovalRequested> asked;
  std::optional<ApprovalRequested> expired;  // nobody answered it
  std::optional<Approved> granted;
  // Proof: what was asked before this number of looks is old, since when each check has passed, and
  // whether one failed when they answered last.
  std::uint64_t look = 0;
  bool sick = false;
  std::vector<std::optional<Time>> passing;
  std::vector<Verdict> verdicts;  // as recorded since then
};

struct TargetBook {
  IncidentId open = 0;
  std::deque<Time> intents;
  std::deque<Time> relapses;
  std::optional<Time> changed;    // by an incident, last
  std::optional<Time> unsettled;  // an incident ended so, last
  Time closed{};                  // its last incident
  struct Ended {
    IncidentId incident = 0;
    Time at;
    std::uint32_t tier = 0;
    std::string playbook;
  };
  Ended last;  // that did something, or was a relapse itself
};

// A temporary change that is not undone.
struct Rented {
  IncidentId incident = 0;
  Target target;
  Playbook playbook;
  LeaseTerms terms;
  LeaseClaim claim;
  Plan made;
  AttemptId made_by;
  Time taken;
  Time ends_at;
  bool ended = false;
  bool handed_over = false;
  Time since;  // it ended
  AttemptId undo;
  Plan plan;
  std::uint32_t step = 0;
  Epoch planned_in = 0;
  std::vector<std::string> left;  // by what was confirmed: what its undo has to know
  bool busy = false;              // its undo changes the world, or may have done so unseen
  std::set<StepKey> unsettled;
  std::uint64_t look = 0;
  std::vector<std::optional<Time>> passing;
};

// A message that has not ended.
struct Letter {
  MessageQueued queued;
  int tries = 0;
  Time not_before;
};

struct Failure {
  std::string scope;
  std::string target;
  Time at;
};

class Ledger {
 public:
  void record(const Event& event);

  // Null when it is not open.
  [[nodiscard]] const Case* find(IncidentId id) const {
    const auto found = open.find(id);
    return found == open.end() ? nullptr : &found->second;
  }
  [[nodiscard]] TargetBook book(const Target& target) const;
  // Distinct targets that failed in this scope within the time, since it was last closed.
  [[nodiscard]] int failed(const std::string& scope, Duration within, Time now) const;
  // The checks were asked anew: answers to what was asked before are old.
  void saw(IncidentId id, const std::vector<CheckAnswer>& answers, Time now);

  void saw_of_lease(IncidentId id, const std::vector<CheckAnswer>& answers, Time now);
  [[nodiscard]] const Rented* find_lease(IncidentId id) const {
    const auto found = leases.find(id);
    return found == leases.end() ? nullptr : &found->second;
  }

  Time last;
  Epoch epoch = 0;
  Time back_since;  // the last start, or the end of the last sleep
  IncidentId last_incident = 0;
  MessageId last_message = 0;
  std::map<IncidentId, Case> open;
  std::map<IncidentId, Rented> leases;
  std::map<std::string, TargetBook> targets;
  std::map<AlertKey, IncidentId> alerts;  // 0: it opened nothing
  std::set<AttemptId> attempts;
  std::map<StepKey, Confirmable> intended;
  std::map<MessageId, Letter> messages;
  std::set<std::string> paused;
  std::set<std::string> open_breakers;
  std::vector<Failure> failures;
  std::uint64_t losses = 0;
  bool asking_back = false;  // what was lost
  bool watchdog_lost = false;

 private:
  template <class E>
  void on(const E&, Time) {}  // what no rule looks at
  void on(const Started& e, Time at);
  void on(const AlertReceived& e, Time at);
  void on(const AlertIgnored& e, Time at);
  void on(const IntakeLost& e, Time at);
  void on(const Reconciled&, Time) { asking_back = false; }
  void on(const IncidentOpened& e, Time at);
  void on(const DiagnosisStarted& e, Time at);
  void on(const PlanRequested& e, Time at);
  void on(const PlanMade& e, Time at);
  void on(const GuardRefused& e, Time at);
  void on(const ApplyIntended& e, Time at);
  void on(const ApplyFinished& e, Time at);
  void on(const ConfirmAnswered& e, Time at);
  void on(const VerificationStarted& e, Time at);
  void on(const TierFailed& e, Time at);
  void on(const TierSkipped& e, Time at);
  void on(const IncidentAdopted& e, Time at);
  void on(const ChecksAnswered& e, Time at);
  void on(const ApprovalRequested& e, Time at);
  void on(const Approved& e, Time at);
  void on(const ApprovalExpired& e, Time at);
  void on(const TimeLost& e, Time at);
  void on(const Recovered& e, Time at) { end(e.incident, at); }
  void on(const HandedOver& e, Time at) { end(e.incident, at); }
  void on(const Cancelled& e, Time at) { end(e.incident, at); }
  void on(const MessageQueued& e, Time at);
  void on(const MessageDeferred& e, Time at);
  void on(const MessageDelivered& e, Time) { messages.erase(e.id); }
  void on(const MessageDropped& e, Time) { messages.erase(e.id); }
  void on(const Paused& e, Time) { paused.insert(e.scope); }
  void on(const Unpaused& e, Time) { paused.erase(e.scope); }
  void on(const BreakerOpened& e, Time) { open_breakers.insert(e.scope); }
  void on(const BreakerClosed& e, Time);
  void on(const WatchdogLost&, Time) { watchdog_lost = true; }
  void on(const WatchdogReturned&, Time) { watchdog_lost = false; }

  // Leases (ledger_leases.cpp).
  void on(const LeaseTaken& e, Time at);
  void on(const LeaseVoided& e, Time) { leases.erase(e.lease); }
  void on(const LeaseEnded& e, Time at);
  void on(const UndoRequested& e, Time at);
  void on(const UndoPlanned& e, Time at);
  void on(const UndoDeferred& e, Time at);
  void on(const UndoIntended& e, Time at);
  void on(const UndoApplied& e, Time at);
  void on(const UndoConfirmed& e, Time at);
  void on(const Undone& e, Time) { leases.erase(e.lease); }
  void on(const UndoFailed& e, Time at);
  void on(const LeaseHandedOver& e, Time at);
  void on(const LeaseSettled& e, Time) { leases.erase(e.lease); }
  void left_behind(const ConfirmAnswered& e, const std::string& resource);
  void leases_look_anew();

  void end(IncidentId id, Time at);
  Case& of(IncidentId id) { return open.find(id)->second; }
};

}  // namespace fieldmedic::core::sim

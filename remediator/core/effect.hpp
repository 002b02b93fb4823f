// What the engine asks the outside to do. Released only after the events that order it are on disk.
// `incident` may also be the number of a lease: they are counted together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "remediator/core/alert.hpp"
#include "remediator/core/message.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/playbook.hpp"

namespace fieldmedic::core {

// Run the checks in order and answer ChecksDone.
struct RunChecks {
  enum class Until {
    FirstFail,  // one failure is enough to know (diagnosis); the others are then Unknown
    AllAnswer,
  };
  IncidentId incident = 0;
  std::uint64_t round = 0;
  Target target;
  std::shared_ptr<const std::vector<CheckSpec>> checks;  // of a pinned playbook; never null
  Until until = Until::AllAnswer;
};

struct MakePlan {
  IncidentId incident = 0;
  AttemptId attempt;
  Target target;
  LabelMap labels;
  Spec action;
  Duration timeout{0};
  std::vector<Plan> made{};  // what the incident has changed by actions of this type, under leases
};

// Read what a temporary change left, and plan its undo.
struct PlanUndo {
  IncidentId incident = 0;  // the lease's number
  AttemptId attempt;        // of the undo
  Target target;
  LabelMap labels;
  Spec action;
  AttemptId made_by;  // the attempt that made the change
  Plan made;
  Duration timeout{0};
  std::vector<std::string> left{};  // see Lease
};

// Apply or confirm one step of a journaled plan.
struct StepEffect {
  IncidentId incident = 0;
  AttemptId attempt;
  Target target;
  Spec action;
  Plan plan;
  std::uint32_t step = 0;
  Duration timeout{0};
};
struct Apply : StepEffect {};
struct Confirm : StepEffect {};

// Stop what this attempt still runs.
struct CancelAttempt {
  AttemptId attempt;
};

struct Deliver {
  MessageId id = 0;
  std::string receiver;
  std::uint32_t channel = 0;
  Message message;
};

// Read Alertmanager's own list of alerts.
struct Reconcile {
  std::uint32_t tries = 0;   // failed so far
  std::uint64_t losses = 0;  // that it is to make good
};

// Read which alerts Alertmanager has, silenced or not.
struct AskAlerts {
  IncidentId incident = 0;
  std::uint64_t round = 0;
};

// Send Timer{incident, round} back.
struct Wake {
  IncidentId incident = 0;
  std::uint64_t round = 0;
};

// Send WatchdogMissed back, unless the next one of these is released before.
struct ExpectWatchdog {};

struct Effect {
  std::variant<RunChecks, MakePlan, Apply, Confirm, CancelAttempt, Deliver, Reconcile, AskAlerts,
               Wake, ExpectWatchdog, PlanUndo>
      what;
  Time not_before;  // the epoch: at once
};

}  // namespace fieldmedic::core

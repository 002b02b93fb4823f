// What the events of a lease make of the state. Part of fold.cpp.
#pragma once

#include "remediator/core/event.hpp"
#include "remediator/core/incident.hpp"
#include "remediator/core/state.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// One overload an event. `at` is the event's time. One about a lease that is not open says nothing.
void fold_lease(State& state, const LeaseTaken& e, Time at);
void fold_lease(State& state, const LeaseVoided& e, Time at);
void fold_lease(State& state, const LeaseLooked& e, Time at);
void fold_lease(State& state, const LeaseEnded& e, Time at);
void fold_lease(State& state, const UndoRequested& e, Time at);
void fold_lease(State& state, const UndoPlanned& e, Time at);
void fold_lease(State& state, const UndoDeferred& e, Time at);
void fold_lease(State& state, const UndoIntended& e, Time at);
void fold_lease(State& state, const UndoApplied& e, Time at);
void fold_lease(State& state, const UndoConfirmed& e, Time at);
void fold_lease(State& state, const Undone& e, Time at);
void fold_lease(State& state, const UndoFailed& e, Time at);
void fold_lease(State& state, const LeaseHandedOver& e, Time at);
void fold_lease(State& state, const LeaseSettled& e, Time at);

// A step of a temporary change of `incident` was confirmed: its lease keeps what it left.
void keep_what_is_left(State& state, const Incident& incident, const ConfirmAnswered& e);

// The remediator started: what ran, runs no more, and what was asked is asked anew.
void leases_after_start(State& state, Time at);
// Nobody looked for a while: a hold starts at zero (S8).
void leases_after_sleep(State& state);

}  // namespace fieldmedic::core

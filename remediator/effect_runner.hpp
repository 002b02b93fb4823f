// How the engine asks the outside to do something.
#pragma once

#include "remediator/core/effect.hpp"

namespace fieldmedic {

// start() returns at once; the result comes home as an input (Engine::post) from another thread,
// exactly one for each RunChecks, MakePlan, Apply, Confirm, Deliver, Reconcile and AskAlerts. Wake
// never arrives here.
class EffectRunner {
 public:
  virtual ~EffectRunner() = default;
  virtual void start(core::Effect effect) = 0;
};

}  // namespace fieldmedic

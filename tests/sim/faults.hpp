// What can go wrong, how often, and whether it does now.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/sim/rng.hpp"

namespace fieldmedic::core::sim {

enum class Fault {
  Crash,           // of the remediator, at any point of a batch
  JournalRefuses,  // for a while: disk full, busy
  JournalBreaks,   // an I/O error: what was written is there or not, nobody knows
  Sleep,           // the machine is suspended
  WallJump,
  Reload,  // other limits, modes, inventory, kill switch
  WebhookLost,
  WebhookTwice,
  WebhookLate,   // a copy comes after newer ones
  WebhookCut,    // alerts are missing in it
  StrangeAlert,  // poison, no playbook, unknown target
  FalseAlert,    // fires though the target is well
  CheckUnknown,
  CheckLies,
  AnswerHangs,  // comes far too late, or never
  PlanFails,
  WorldMoves,  // somebody else changes the target
  ApplyRefused,
  ApplyUnknown,  // done or not, the answer was lost
  ApplyLies,     // says done, and nothing was
  ConfirmUnknown,
  HealthUnknown,
  ChannelDown,
  WatchdogLost,
  Meddling,  // people pause, cancel, approve what is not asked, and close breakers
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::Meddling) + 1;

[[nodiscard]] std::string_view to_string(Fault fault);

// One stream of chance a fault, so that leaving one out leaves the others as they were. Each
// episode draws which faults it knows at all and how often they strike: rare ones are not drowned
// by common ones (Groce et al.: Swarm testing, 2012).
class Faults {
 public:
  Faults(std::uint64_t seed, const std::vector<Fault>& without);

  [[nodiscard]] bool strikes(Fault fault);
  // No more of them, for good.
  void stop() { stopped_ = true; }

 private:
  struct Source {
    Rng rng;
    int per_ten_thousand;
  };
  std::vector<Source> sources_;
  bool stopped_ = false;
};

}  // namespace fieldmedic::core::sim

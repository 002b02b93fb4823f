// A process of our own that puts a link switch back unless it is told to stand down: what saves a
// host whose remediator died, or lost its way out, by the switch (S14).
//
// It is the remediator's program with kDeadManVerb, in a session of its own, and listens on an
// abstract Unix socket of its network namespace that bears the attempt's name; only the same user
// and root are heard. When its time is over, or it is told to end (SIGTERM), it puts back what it
// was armed for, while the routes are as the switch left them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "common/result.hpp"
#include "remediator/reach/route_switch.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

inline constexpr const char* kDeadManVerb = "--dead-man";

struct DeadManOrder {
  std::filesystem::path program;  // absolute
  std::string attempt;
  RouteSwitch planned;
  std::chrono::milliseconds after{60'000};
};

// Returns once its timer runs. Errors: it could not be started, or did not say so in time; it may
// still come up then, and does no harm while the switch is not made.
[[nodiscard]] Status arm_dead_man(const DeadManOrder& order, const Waiter& waiter);

enum class StoodDown {
  Told,  // it was there, and puts nothing back
  Gone,  // there is none: it was told before, has done its work, or was killed
};
// Errc::Timeout, Cancelled: it may be putting back right now.
[[nodiscard]] Result<StoodDown> stand_down(const std::string& attempt, const Waiter& waiter);

// What the program does with `kDeadManVerb ATTEMPT MILLISECONDS SWITCH`: its exit code.
[[nodiscard]] int run_dead_man(int argc, const char* const* argv);

}  // namespace fieldmedic

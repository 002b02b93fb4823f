// A dead man (dead_man.hpp) on a host over SSH: a shell of its own session there, which outlives
// our connection and us, and puts a switch back unless it is stood down before its time.
//
// Under ~/.fieldmedic/dead_men lie, named by the attempt, its record and a link that says who was
// first to end it, we ("down") or its time ("fired"): links are made atomically, so never both.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/process_runner.hpp"
#include "common/result.hpp"
#include "remediator/reach/far_attempt.hpp"
#include "remediator/reach/far_switch.hpp"

namespace fieldmedic {

enum class FarDeadMan {
  Armed,      // it runs, and was not ended
  Down,       // it puts nothing back, now or later
  Putting,    // it may be putting back right now
  PutBack,    // it did
  LeftAlone,  // its time came, and ours was not there any more
  Failed,     // its time came, and it did not get it back; or it was killed over that
  Gone,       // it was killed before its time, or the host was started anew
};

// All may be called again. Errors are the runner's; Errc::Io: what is said over there cannot be
// read; Unavailable: it could not be armed, and why.

// Returns once its timer runs. `after` is rounded up to seconds. May come up late where this fails:
// it only does something while ours is there.
[[nodiscard]] Status arm_far_dead_man(ProcessRunner& runner, const FarKey& key,
                                      const FarSwitch& planned, std::chrono::milliseconds after,
                                      const std::stop_token& stop);
// Never Armed or Gone: what was not armed yet cannot be any more. Down only where that is kept.
[[nodiscard]] Result<FarDeadMan> stand_far_down(ProcessRunner& runner, const FarKey& key,
                                                const std::stop_token& stop);
// Tells it that its time has come.
[[nodiscard]] Result<FarDeadMan> fire_far_dead_man(ProcessRunner& runner, const FarKey& key,
                                                   const std::stop_token& stop);
[[nodiscard]] Result<FarDeadMan> ask_far_dead_man(ProcessRunner& runner, const FarKey& key,
                                                  const std::stop_token& stop);

// The command, run only while the dead man is armed: else exit code kNoDeadMan.
inline constexpr int kNoDeadMan = 97;
[[nodiscard]] Command under_dead_man(const std::vector<std::string>& argv, const FarKey& key);

// What ask_far_dead_man's command printed. Errc::Malformed. Pure.
[[nodiscard]] Result<FarDeadMan> parse_far_dead_man(std::string_view text);

}  // namespace fieldmedic

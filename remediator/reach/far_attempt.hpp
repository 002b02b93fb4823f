// A command on another host that leaves a record there: under ~/.fieldmedic/attempts, a file named
// by the attempt. So one attempt never starts twice, ends by its time even when we are gone, and an
// answer that was lost can be looked up (S1).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/process_runner.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// "3f2a9c-17-2.0": attempt and step. [a-z0-9.-], never empty.
using FarKey = std::string;

// The command as it is to be run over there: with the record before and after it, and killed (its
// process group) when its timeout has passed. Exit code kNoRecord: it was not started, since no
// record could be made or there is one already; look it up.
inline constexpr int kNoRecord = 125;
[[nodiscard]] Command recorded(const Command& command, const FarKey& key);

// Kills what the attempt started and still runs.
[[nodiscard]] Command end_recorded(const FarKey& key);

// Asks for the record. When there is none one is made that keeps the attempt from ever starting.
[[nodiscard]] Command ask_record(const FarKey& key);

struct FarRecord {
  enum class State {
    Never,    // it did not start, and cannot any more
    Running,  // it does, under its pid and start time
    Ended,
    Unknown,  // it began, and nobody wrote down how it ended
  };
  State state = State::Unknown;
  int exit_code = 0;      // of Ended, 128 and more for a signal
  std::string boot_id{};  // of the host, now
  bool same_boot = true;  // as when it began
};

// What ask_record printed. Errc::Malformed.
[[nodiscard]] Result<FarRecord> parse_record(std::string_view text);

}  // namespace fieldmedic

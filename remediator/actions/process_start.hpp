// The step of process_restart that starts the collector. Internal to actions/.
//
// seen:   {"alive": 0}, after the steps before it
// wanted: {"alive": 1, "argv": […], "pattern": {…}, "start_timeout_ms": 10000,
//          "working_directory": "/"}
// The collector's environment is not in it: it may hold a secret, and the journal must not. Apply
// takes it from the inventory; confirm needs none.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/process_table.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// What a started process carries in its environment, so that it can be told after a crash of ours.
inline constexpr const char* kAttemptVariable = "FIELDMEDIC_ATTEMPT";

// Any living process that carries the attempt.
[[nodiscard]] Result<std::optional<pid_t>> find_attempt(const HostRoot& host,
                                                        const core::AttemptId& attempt);

[[nodiscard]] core::Step start_step(const CollectorSpec& collector,
                                    std::chrono::milliseconds start_timeout);

struct StartOrder {
  std::vector<std::string> argv;
  std::string working_directory;
  ProcessPattern pattern;
  std::chrono::milliseconds start_timeout{0};
};
// What start_step wrote down. Errc::Invalid.
[[nodiscard]] Result<StartOrder> read_start_order(const core::Step& step);

// "pid 7, start time 4711 ticks".
[[nodiscard]] std::string in_words(const ProcessInfo& process);

// Refused when a matching process lives already: a second instance is never started. Waits until
// one that carries the attempt matches, at most for the start timeout.
[[nodiscard]] ApplyAnswer apply_start(const ApplyRequest& request, const HostRoot& host,
                                      const CollectorSpec& collector, const std::stop_token& stop);

// By the attempt in /proc/PID/environ of every process. InProgress: something started by this
// attempt lives but does not match (yet). Unknown: a matching process does not show its
// environment, or wrote over it (setproctitle does).
[[nodiscard]] ConfirmAnswer confirm_start(const ApplyRequest& request, const HostRoot& host);

}  // namespace fieldmedic

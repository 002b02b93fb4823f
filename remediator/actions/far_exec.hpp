// A program of the operator's on a host over SSH, with the record of far_attempt.hpp. Internal to
// actions/.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// Of the host as it runs now: a record of before may be gone. Errors are those of SshConnection.
[[nodiscard]] Result<std::string> far_boot_id(const FarHost& host, const std::stop_token& stop);

// Runs it as `request`'s attempt and step. What is not waited for any more is ended over there.
[[nodiscard]] ApplyAnswer apply_far(const FarHost& host, const Command& command,
                                    const ApplyRequest& request, const std::stop_token& stop);

struct FarEnd {
  ApplyAnswer answer;
  int exit_code = 0;  // of a program that came to its end by itself
};
// The same, for whoever knows what the exit codes mean.
[[nodiscard]] FarEnd run_far(const FarHost& host, const Command& command,
                             const ApplyRequest& request, const std::stop_token& stop);

// Of one of our scripts that exits as far_files.hpp says: whether it made its change.
[[nodiscard]] ApplyAnswer far_change_answer(FarEnd end);

// The answer of an apply, where the host does not run as when the step was planned (far_plan.hpp),
// or does not say so.
[[nodiscard]] std::optional<ApplyAnswer> started_anew(const FarHost& host, const core::Step& step,
                                                      const std::stop_token& stop);

// By the record. `boot_id` is what plan saw.
[[nodiscard]] ConfirmAnswer confirm_far(const FarHost& host, const std::string& boot_id,
                                        const ApplyRequest& request, const std::stop_token& stop);

// Whether what the request started over there may change something still, or later. The record is
// asked, and keeps what was not started by now from ever starting.
[[nodiscard]] Result<bool> still_runs_far(const FarHost& host, const ApplyRequest& request,
                                          const std::stop_token& stop);

}  // namespace fieldmedic

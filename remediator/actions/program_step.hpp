// A step that is a program of the operator's: its reload, its replay; here, or over
// SSH with a record over there. Internal to actions/.
//
// seen    {}; over SSH the host's "boot_id"
// wanted  {"argv": ["/usr/sbin/nginx", "-s", "reload"], "confirm": ["/usr/local/bin/is-spare"],
//          "environment": ["FIELDMEDIC_DIVERTED=yes"]}
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

struct OwnProgram {
  std::vector<std::string> argv;
  std::vector<std::string> confirm;  // exit code 0: it is so; 1: it is not; empty: nobody can tell
  std::vector<std::string> environment = {};  // "NAME=value", of both; no secrets
};

// Without `confirm` it is never repeated.
[[nodiscard]] core::Step program_step(std::string name, const OwnProgram& program);
[[nodiscard]] bool is_program_step(const core::Step& step);

// On the host `far`, where the step was planned (far_plan.hpp); null: here. With `confirm`: waits
// until that says so, most of the time that there is.
[[nodiscard]] ApplyAnswer apply_program(const ApplyRequest& request, const ActionTools& tools,
                                        const FarHost* far, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_program(const ApplyRequest& request, const ActionTools& tools,
                                            const FarHost* far, const std::stop_token& stop);

// What a program says of what stays behind, in words for a plan: its first line.
[[nodiscard]] std::string backlog_by(const std::vector<std::string>& argv, const ActionTools& tools,
                                     const FarHost* far, const std::stop_token& stop);

}  // namespace fieldmedic

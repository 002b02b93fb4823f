// A host that is to be booted anew, here or over SSH. Internal to actions/.
#pragma once

#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

// What `systemctl reboot` starts. Its job is there as soon as systemd took the order, and while the
// host goes down.
inline constexpr const char* kRebootTarget = "reboot.target";

struct RebootPlace {
  const FarHost* far = nullptr;  // null: the remediator's own host
  Systemd* systemd = nullptr;    // its own; never null
  std::string reached{};         // "here", or "medic@10.0.0.11:22"
};

// Both pointers are good as long as `tools`.
[[nodiscard]] Result<RebootPlace> reboot_place(const core::Target& target,
                                               const ActionTools& tools);

// Of the host as it runs now: the kernel draws another with every boot. (systemd-nspawn shows a
// container one of its own, so that holds there too.)
[[nodiscard]] Result<std::string> boot_id_of(const RebootPlace& place, const HostRoot& host,
                                             const std::stop_token& stop);

// Runs a program there. Over SSH as the attempt's, with its record, so that it never starts twice
// (far_exec.hpp).
[[nodiscard]] ApplyAnswer run_there(const RebootPlace& place, const Command& command,
                                    const ApplyRequest& request, const ActionTools& tools,
                                    const std::stop_token& stop);

// What became of that. NotApplied: it was not started, or exited otherwise than with 0. Here only
// whether it runs can be told, else Unknown.
[[nodiscard]] ConfirmAnswer look_up_there(const RebootPlace& place, const std::string& boot_id,
                                          const ApplyRequest& request, const ActionTools& tools,
                                          const std::stop_token& stop);

}  // namespace fieldmedic

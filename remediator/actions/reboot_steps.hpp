// The steps of host_reboot: the drain, and the reboot with the flush before it. Internal to
// actions/.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// A reboot whose drain or flush failed.
enum class WithoutDrain { Refused, Allowed };

struct BootSeen {
  std::string boot_id;
  std::string reached;  // of RebootPlace: a host that is reached otherwise may be another
};

// Here what it did cannot be confirmed; then it is at most once, unless the reboot does not ask for
// it.
[[nodiscard]] core::Step drain_step(const std::vector<std::string>& argv, WithoutDrain without,
                                    const BootSeen& seen);
[[nodiscard]] core::Step reboot_step(const std::string& host, WithoutDrain without,
                                     const BootSeen& seen);

[[nodiscard]] ApplyAnswer apply_reboot_step(const ApplyRequest& request, const ActionTools& tools,
                                            const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_reboot_step(const ApplyRequest& request,
                                                const ActionTools& tools,
                                                const std::stop_token& stop);

}  // namespace fieldmedic

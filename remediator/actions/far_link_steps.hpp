// The steps of link_switch on a host over SSH, with a dead man on that host (far_dead_man.hpp).
// Internal to actions/.
//
// Beside `probe` and `keeps` our own way is kept: after the switch the host must answer over a new
// connection, else nobody stands the dead man down.
#pragma once

#include <stop_token>

#include "remediator/actions/link_steps.hpp"

namespace fieldmedic {

// As apply_link_step and confirm_link_step.
[[nodiscard]] ApplyAnswer apply_far_link_step(const FarHost& host, const ApplyRequest& request,
                                              const LinkProof& proof, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_far_link_step(const FarHost& host, const ApplyRequest& request,
                                                  const LinkProof& proof,
                                                  const std::stop_token& stop);

}  // namespace fieldmedic

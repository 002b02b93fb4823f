// The step of signal_step.hpp on a host over SSH. Internal to actions/.
#pragma once

#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

// `seen` of such a step, with the host's boot id; empty: nothing matches. Errors as those of
// read_far_processes().
[[nodiscard]] Result<std::string> see_far_processes(const FarHost& host,
                                                    const ProcessPattern& pattern,
                                                    const std::stop_token& stop);

// Those of `seen` that still are what they were. `signal` is SIGHUP, SIGUSR1 or SIGUSR2.
[[nodiscard]] ApplyAnswer signal_far_processes(const FarHost& host, const core::Step& step,
                                               int signal, const std::stop_token& stop);

}  // namespace fieldmedic

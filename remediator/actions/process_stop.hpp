// The step of process_restart that ends what runs. Internal to actions/.
//
// seen:   {"programs": ["/usr/sbin/x"], "processes": [{"pid": 4711, "start": 123456}]}
// wanted: {"alive": 0, "pattern": {…}, "stop_timeout_ms": 10000}
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"
#include "remediator/reach/process_family.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostProcesses = 64;  // of one collector

[[nodiscard]] core::Step stop_step(const std::vector<ProcessInfo>& members,
                                   const CollectorSpec& collector);

struct StopOrder {
  std::vector<ProcessIdentity> processes;
  ProcessPattern pattern;
  std::chrono::milliseconds stop_timeout{0};
};
// What stop_step wrote down. Errc::Invalid.
[[nodiscard]] Result<StopOrder> read_stop_order(const core::Step& step);

// "pid 7, 8".
[[nodiscard]] std::string pids_of(const std::vector<ProcessIdentity>& processes);

// SIGTERM (and SIGCONT, for one that was stopped) to each, by pidfd; SIGKILL to what is left after
// the stop timeout, at the latest when a quarter of the step's time is left; then waits until all
// are gone. Refused when a matching process lives that plan did not see.
[[nodiscard]] ApplyAnswer apply_stop(const ApplyRequest& request, const HostRoot& host,
                                     const std::stop_token& stop);

// InProgress while a SIGKILL is pending on one of them: it dies as soon as the kernel lets it.
[[nodiscard]] ConfirmAnswer confirm_stop(const ApplyRequest& request, const HostRoot& host);

}  // namespace fieldmedic

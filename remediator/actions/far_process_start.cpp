#include "remediator/actions/far_process_start.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/core.h>

#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/start_sight.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{100};

// For a POSIX shell: a session of its own, with nothing of ours open. "$@" is the folder, the
// attempt's variable and the program; nothing of it is read as shell text. "$0", which stands in
// the command line of all that comes before the program, is by what they are left out
// (far_processes.hpp).
constexpr const char* kStart = R"sh(
umask 022
cd -- "$1" || exit 126
attempt=$2
shift 2
[ -x "$1" ] || { echo "$1 is not there, or no program" >&2; exit 127; }
exec setsid -f /usr/bin/env "$0=start" "$attempt" "$@" >/dev/null 2>&1
)sh";

struct FarSight : StartSight {
  std::string boot_id;
};

Result<FarSight> look(const FarHost& host, const StartOrder& order, const core::AttemptId& attempt,
                      const std::stop_token& stop) {
  auto processes = read_far_processes(*host.runner, order.pattern.pid_file, stop);
  if (!processes) return fail(processes.error());
  const auto matching = find_matching(*processes, order.pattern);
  if (!matching) return fail(matching.error());
  FarSight sight;
  sight.boot_id = processes->boot_id;
  for (const ProcessInfo& process : *matching) {
    const FarProcess& seen = processes->all.at(process.identity.pid);
    if (seen.attempt == attempt)
      sight.ours.push_back(process);
    else
      (seen.shows_environment ? sight.others : sight.untold).push_back(process);
  }
  for (const ProcessInfo& process : living_programs(*processes))
    if (processes->all.at(process.identity.pid).attempt == attempt)
      sight.living = process.identity.pid;
  for (const auto& [pid, of] : processes->starting)
    if (of == attempt) sight.living = pid;
  return sight;
}

Command start_command(const StartOrder& order, const CollectorSpec& collector,
                      const ApplyRequest& request) {
  Command command;
  command.argv = {"/bin/sh",
                  "-c",
                  kStart,
                  kOwnCommand,
                  order.working_directory,
                  fmt::format("{}={}", kAttemptVariable, request.attempt)};
  command.argv.insert(command.argv.end(), order.argv.begin(), order.argv.end());
  command.environment = collector.environment;
  command.timeout = request.timeout;
  return command;
}

ApplyAnswer unknown(std::string evidence) {
  return {Applied::Unknown, std::move(evidence)};
}

// What counts is that something of this attempt matches (process_start.cpp).
ApplyAnswer wait_until_it_matches(const FarHost& host, const StartOrder& order,
                                  const ApplyRequest& request, const Waiter& waiter,
                                  const std::stop_token& stop) {
  int gone = 0;
  for (;;) {
    const auto sight = look(host, order, request.attempt, stop);
    if (!sight) return unknown(sight.error().message);
    if (!sight->ours.empty()) return {Applied::Done, "started " + in_words(sight->ours.front())};
    // Twice in a row, since a listing may miss a process that is being forked.
    gone = sight->living ? 0 : gone + 1;
    if (gone == 2 && sight->untold.empty()) return unknown("it was started and ended at once");
    switch (waiter.pause(kLookEvery)) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline: return unknown("it was started and does not match yet");
      case Waiter::Woke::Stopped: return unknown("told to stop after the start");
    }
  }
}

// Why nothing may be started; none: it may.
std::optional<ApplyAnswer> not_to_start(const FarSight& sight, const core::Step& step) {
  if (sight.boot_id != planned_boot_id(step))
    return ApplyAnswer{Applied::WorldDiffers, "the host was started anew since the plan"};
  if (!sight.ours.empty())
    return ApplyAnswer{Applied::Done,
                       "already started by this attempt: " + in_words(sight.ours.front())};
  for (const auto* others : {&sight.others, &sight.untold})
    if (!others->empty())
      return ApplyAnswer{Applied::WorldDiffers,
                         "a matching process lives already: " + in_words(others->front())};
  if (sight.living)
    return unknown(
        fmt::format("pid {} was started by this attempt and does not match", *sight.living));
  return std::nullopt;
}

}  // namespace

ApplyAnswer apply_far_start(const FarHost& host, const ApplyRequest& request,
                            const CollectorSpec& collector, const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_start_order(step);
  if (!order) return {Applied::Refused, order.error().message};
  const auto sight = look(host, *order, request.attempt, stop);
  if (!sight) return {Applied::Refused, sight.error().message};
  if (auto answer = not_to_start(*sight, step)) return *answer;
  if (stop.stop_requested()) return cancelled_before_change();
  ApplyAnswer started = apply_far(host, start_command(*order, collector, request), request, stop);
  if (started.outcome != Applied::Done) return started;
  const auto until = Waiter::start(std::min(order->start_timeout, request.timeout), stop);
  if (!until) return unknown(until.error().message);
  return wait_until_it_matches(host, *order, request, *until, stop);
}

ConfirmAnswer confirm_far_start(const FarHost& host, const ApplyRequest& request,
                                const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_start_order(step);
  if (!order) return {Confirmed::Unknown, order.error().message};
  // The record first: it keeps what was not started by now from ever starting.
  ConfirmAnswer record = confirm_far(host, planned_boot_id(step), request, stop);
  const auto sight = look(host, *order, request.attempt, stop);
  if (!sight) return {Confirmed::Unknown, sight.error().message};
  // What is seen of it proves more than the record.
  if (sight->ours.empty() && record.answer != Confirmed::Applied) return record;
  return confirm_by(*sight);
}

}  // namespace fieldmedic

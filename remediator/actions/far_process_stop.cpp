#include "remediator/actions/far_process_stop.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/process_stop.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/far_signal.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{100};
constexpr int kMostRounds = 5;  // a program that forks faster than it is killed must not hold us

struct Living {
  std::vector<ProcessIdentity> members;
  std::vector<ProcessIdentity> strangers;  // match, but plan saw neither them nor their leaders
};

Result<Living> find_living(const FarHost& host, const StopOrder& order, const std::string& boot_id,
                           const std::stop_token& stop) {
  auto processes = read_far_processes(*host.runner, order.pattern.pid_file, stop);
  if (!processes) return fail(processes.error());
  if (processes->boot_id != boot_id)
    return fail(Errc::Conflict, "the host was started anew since the plan");
  const auto matching = find_matching(*processes, order.pattern);
  if (!matching) return fail(matching.error());
  Living living{identities_of(members_of(order.processes, living_programs(*processes))), {}};
  for (const ProcessInfo& process : *matching)
    if (std::ranges::find(living.members, process.identity) == living.members.end())
      living.strangers.push_back(process.identity);
  return living;
}

ApplyAnswer unknown(std::string evidence) {
  return {Applied::Unknown, std::move(evidence)};
}

// Until none of them lives. The answer is what still does then.
Result<std::vector<pid_t>> wait_until_ended(const FarHost& host,
                                            const std::vector<ProcessIdentity>& processes,
                                            const Waiter& waiter, const std::stop_token& stop) {
  for (;;) {
    const auto found = signal_far(*host.runner, FarSignal::None, processes, stop);
    if (!found) return fail(found.error());
    if (found->alive.empty() || waiter.pause(kLookEvery) != Waiter::Woke::Ready)
      return found->alive;
  }
}

// Ends what answered no SIGTERM, and the workers that were forked meanwhile.
ApplyAnswer kill_rest(const FarHost& host, const StopOrder& order, const std::string& boot_id,
                      const Waiter& waiter, const std::stop_token& stop) {
  std::size_t killed = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto living = find_living(host, order, boot_id, stop);
    if (!living) return unknown(living.error().message);
    if (living->members.empty())
      return {Applied::Done,
              fmt::format("{} ended, {} by SIGKILL", pids_of(order.processes), killed)};
    if (stop.stop_requested()) return unknown("told to stop before SIGKILL");
    const auto sent = signal_far(*host.runner, FarSignal::Kill, living->members, stop);
    if (!sent) return unknown(sent.error().message);
    if (!sent->denied.empty())
      return unknown(fmt::format("pid {} is not ours to end", fmt::join(sent->denied, ", ")));
    killed += sent->alive.size();
    const auto left = wait_until_ended(host, living->members, waiter, stop);
    if (!left) return unknown(left.error().message);
    if (!left->empty())
      return unknown(fmt::format("pid {} still lives after SIGKILL", fmt::join(*left, ", ")));
  }
  return unknown("new processes of it kept appearing");
}

// The end of those that take a SIGTERM; none where the rest can be killed.
std::optional<ApplyAnswer> terminate(const FarHost& host, const std::vector<ProcessIdentity>& all,
                                     const Waiter& grace, const std::stop_token& stop) {
  const auto sent = signal_far(*host.runner, FarSignal::Terminate, all, stop);
  if (!sent && nothing_changed(sent.error().code))
    return ApplyAnswer{Applied::Refused, sent.error().message};
  if (!sent) return unknown(sent.error().message);
  if (!sent->denied.empty()) {
    // Only while nothing was signalled it is a refusal: all belong to one collector.
    const bool none = sent->alive.empty();
    return ApplyAnswer{
        none ? Applied::Refused : Applied::Unknown,
        fmt::format("pid {} is not ours to end over there", fmt::join(sent->denied, ", "))};
  }
  const auto left = wait_until_ended(host, all, grace, stop);
  if (!left) return unknown(left.error().message);
  if (stop.stop_requested()) return unknown("told to stop while waiting for its end");
  return std::nullopt;
}

}  // namespace

ApplyAnswer apply_far_stop(const FarHost& host, const ApplyRequest& request,
                           const std::stop_token& stop) {
  const auto refuse = [](std::string why) { return ApplyAnswer{Applied::Refused, std::move(why)}; };
  const auto whole = Waiter::start(request.timeout, stop);
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_stop_order(step);
  if (!order) return refuse(order.error().message);
  const std::string boot_id = planned_boot_id(step);
  const auto living = find_living(host, *order, boot_id, stop);
  if (!living && living.error().code == Errc::Conflict)
    return {Applied::WorldDiffers, living.error().message};
  if (!living) return refuse(living.error().message);
  if (!living->strangers.empty())
    return {Applied::WorldDiffers,
            fmt::format("{} is new since the plan: nothing was ended", pids_of(living->strangers))};
  if (living->members.size() > kMostProcesses)
    return refuse(fmt::format("more than {} processes", kMostProcesses));
  if (living->members.empty())
    return {Applied::Done, pids_of(order->processes) + " was gone already"};
  const auto grace = Waiter::start(std::min(order->stop_timeout, request.timeout * 3 / 4), stop);
  if (!whole || !grace) return refuse("no descriptor left to wait with");
  if (stop.stop_requested()) return cancelled_before_change();
  if (auto ended = terminate(host, living->members, *grace, stop)) return *ended;
  return kill_rest(host, *order, boot_id, *whole, stop);
}

ConfirmAnswer confirm_far_stop(const FarHost& host, const ApplyRequest& request,
                               const std::stop_token& stop) {
  using core::Confirmed;
  const core::Step& step = request.plan.steps[request.step];
  const auto order = read_stop_order(step);
  if (!order) return {Confirmed::Unknown, order.error().message};
  const auto found = signal_far(*host.runner, FarSignal::None, order->processes, stop);
  if (!found) return {Confirmed::Unknown, found.error().message};
  // Of an earlier boot none can live; what has the same pid and start time now is another.
  if (found->boot_id != planned_boot_id(step))
    return {Confirmed::Applied, "the host was started anew since"};
  if (!found->dying.empty())
    return {Confirmed::InProgress,
            fmt::format("SIGKILL is pending on pid {}", fmt::join(found->dying, ", "))};
  if (!found->alive.empty())
    return {Confirmed::NotApplied, fmt::format("pid {} lives", fmt::join(found->alive, ", "))};
  return {Confirmed::Applied, fmt::format("{} is gone", pids_of(order->processes))};
}

}  // namespace fieldmedic

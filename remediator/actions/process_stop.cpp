#include "remediator/actions/process_stop.hpp"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <ranges>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/pattern_json.hpp"
#include "remediator/reach/process_handle.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

struct Living {
  std::vector<ProcessInfo> members;
  std::vector<ProcessInfo> strangers;  // match, but plan saw neither them nor their leaders
};

Result<Living> find_living(const StopOrder& order, const HostRoot& host) {
  const auto found = read_collector_processes(host.procfs, order.pattern);
  if (!found) return fail(found.error());
  Living living{members_of(order.processes, found->candidates), {}};
  const auto members = identities_of(living.members);
  for (const ProcessInfo& process : found->matching)
    if (std::ranges::find(members, process.identity) == members.end())
      living.strangers.push_back(process);
  return living;
}

// Signals all of them, and answers the first refusal. A process that has ended meanwhile is none.
Status signal_all(const std::vector<ProcessHandle>& handles, int number) {
  for (const ProcessHandle& handle : handles)
    if (auto sent = handle.signal(number); !sent && sent.error().code != Errc::NotFound)
      return sent;
  return {};
}

Waiter::Woke wait_until_ended(std::vector<ProcessHandle>& handles, const Waiter& waiter) {
  for (;;) {
    std::erase_if(handles, [](const ProcessHandle& handle) { return handle.ended(); });
    if (handles.empty()) return Waiter::Woke::Ready;
    std::vector<pollfd> polled;
    for (const ProcessHandle& handle : handles) polled.push_back({handle.descriptor(), POLLIN, 0});
    if (const auto woke = waiter.wait(polled); woke != Waiter::Woke::Ready) return woke;
  }
}

Result<std::vector<ProcessHandle>> hold(const std::vector<ProcessInfo>& processes,
                                        const HostRoot& host) {
  std::vector<ProcessHandle> handles;
  for (const ProcessInfo& process : processes) {
    auto handle = ProcessHandle::open(host.procfs, process.identity);
    if (handle)
      handles.push_back(std::move(*handle));
    else if (handle.error().code != Errc::NotFound)
      return fail(handle.error());
  }
  return handles;
}

ApplyAnswer unknown(std::string evidence) {
  return {core::Applied::Unknown, std::move(evidence)};
}

// Ends what answered no SIGTERM, and the workers that were forked meanwhile.
ApplyAnswer kill_rest(const StopOrder& order, const HostRoot& host, const Waiter& waiter) {
  std::size_t killed = 0;
  // A program that forks faster than it is killed must not hold us here.
  for (int round = 0; round < 5; ++round) {
    const auto living = find_living(order, host);
    if (!living) return unknown(living.error().message);
    if (living->members.empty())
      return {core::Applied::Done,
              fmt::format("{} ended, {} by SIGKILL", pids_of(order.processes), killed)};
    auto handles = hold(living->members, host);
    if (!handles) return unknown(handles.error().message);
    if (waiter.pause(milliseconds(0)) == Waiter::Woke::Stopped)
      return unknown("told to stop before SIGKILL");
    killed += handles->size();
    if (auto sent = signal_all(*handles, SIGKILL); !sent) return unknown(sent.error().message);
    if (wait_until_ended(*handles, waiter) != Waiter::Woke::Ready)
      return unknown(
          fmt::format("pid {} still lives after SIGKILL", handles->front().identity().pid));
  }
  return unknown("new processes of it kept appearing");
}

// "SigPnd" and "ShdPnd" of /proc/PID/status: bit N-1 for signal N, in hex.
bool kill_pending(const HostRoot& host, pid_t pid) {
  std::ifstream status(host.procfs / std::to_string(pid) / "status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigPnd:") && !line.starts_with("ShdPnd:")) continue;
    if ((std::strtoull(line.c_str() + 7, nullptr, 16) >> (SIGKILL - 1) & 1U) != 0) return true;
  }
  return false;
}

bool ended(const ProcessInfo& now, const ProcessIdentity& seen) {
  return now.identity != seen || now.state == 'Z' || now.state == 'X' || now.state == 'x';
}

}  // namespace

Result<StopOrder> read_stop_order(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const Json wanted = Json::parse(step.wanted);
    StopOrder order;
    for (const Json& process : seen.at("processes"))
      order.processes.push_back(
          {process.at("pid").get<pid_t>(), process.at("start").get<std::uint64_t>()});
    auto pattern = parse_pattern(wanted.at("pattern").dump());
    if (!pattern) return fail(pattern.error());
    order.pattern = std::move(*pattern);
    order.stop_timeout = milliseconds(wanted.at("stop_timeout_ms").get<std::int64_t>());
    return order;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no stop step: {}", error.what()));
  }
}

std::string pids_of(const std::vector<ProcessIdentity>& processes) {
  std::vector<pid_t> pids;
  for (const ProcessIdentity& process : processes) pids.push_back(process.pid);
  return fmt::format("pid {}", fmt::join(pids, ", "));
}

core::Step stop_step(const std::vector<ProcessInfo>& members, const CollectorSpec& collector) {
  Json processes = Json::array();
  for (const ProcessInfo& member : members)
    processes.push_back({{"pid", member.identity.pid}, {"start", member.identity.start_ticks}});
  const Json seen{{"processes", std::move(processes)}};
  const Json wanted{{"alive", 0},
                    {"pattern", Json::parse(pattern_json(collector.process))},
                    {"stop_timeout_ms", collector.stop_timeout.count()}};
  return {.name = "stop " + pids_of(identities_of(members)),
          .seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace),
          .wanted = wanted.dump()};
}

ApplyAnswer apply_stop(const ApplyRequest& request, const HostRoot& host,
                       const std::stop_token& stop) {
  const auto refuse = [](std::string why) {
    return ApplyAnswer{core::Applied::Refused, std::move(why)};
  };
  const auto order = read_stop_order(request.plan.steps[request.step]);
  if (!order) return refuse(order.error().message);
  const auto living = find_living(*order, host);
  if (!living) return refuse(living.error().message);
  if (!living->strangers.empty())
    return {core::Applied::WorldDiffers, fmt::format("{} is new since the plan: nothing was ended",
                                                     pids_of(identities_of(living->strangers)))};
  if (living->members.size() > kMostProcesses)
    return refuse(fmt::format("more than {} processes", kMostProcesses));
  auto handles = hold(living->members, host);
  if (!handles) return refuse(handles.error().message);
  if (handles->empty())
    return {core::Applied::Done, pids_of(order->processes) + " was gone already"};

  const auto whole = Waiter::start(request.timeout, stop);
  const auto grace = Waiter::start(std::min(order->stop_timeout, request.timeout * 3 / 4), stop);
  if (!whole || !grace) return refuse("no descriptor left to wait with");
  if (stop.stop_requested()) return cancelled_before_change();
  // The first refusal counts as one only while nothing was signalled: all belong to one collector.
  if (auto sent = signal_all(*handles, SIGTERM); !sent)
    return handles->size() == 1 ? refuse(sent.error().message) : unknown(sent.error().message);
  if (auto sent = signal_all(*handles, SIGCONT); !sent) return unknown(sent.error().message);
  if (wait_until_ended(*handles, *grace) == Waiter::Woke::Stopped)
    return unknown("told to stop while waiting for its end");
  return kill_rest(*order, host, *whole);
}

ConfirmAnswer confirm_stop(const ApplyRequest& request, const HostRoot& host) {
  const auto order = read_stop_order(request.plan.steps[request.step]);
  if (!order) return {core::Confirmed::Unknown, order.error().message};
  for (const ProcessIdentity& seen : order->processes) {
    const auto now = read_process(host.procfs, seen.pid);
    if (!now && now.error().code == Errc::NotFound) continue;
    if (!now) return {core::Confirmed::Unknown, now.error().message};
    if (ended(*now, seen)) continue;
    if (kill_pending(host, seen.pid))
      return {core::Confirmed::InProgress, fmt::format("SIGKILL is pending on pid {}", seen.pid)};
    return {core::Confirmed::NotApplied,
            fmt::format("pid {} lives, start time {} ticks", seen.pid, seen.start_ticks)};
  }
  return {core::Confirmed::Applied, fmt::format("{} is gone", pids_of(order->processes))};
}

}  // namespace fieldmedic

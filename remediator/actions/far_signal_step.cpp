#include "remediator/actions/far_signal_step.hpp"

#include <signal.h>

#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/reach/far_signal.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using Json = nlohmann::json;

std::optional<FarSignal> far_signal_of(int signal) {
  if (signal == SIGHUP) return FarSignal::Hangup;
  if (signal == SIGUSR1) return FarSignal::User1;
  if (signal == SIGUSR2) return FarSignal::User2;
  return std::nullopt;
}

std::vector<ProcessIdentity> processes_of(const core::Step& step) {
  std::vector<ProcessIdentity> processes;
  const Json seen = Json::parse(step.seen);  // must outlive the loop over a part of it
  for (const Json& process : seen.at("processes"))
    processes.push_back({process.at("pid").get<pid_t>(), process.at("start").get<std::uint64_t>()});
  return processes;
}

ApplyAnswer send(const FarHost& host, FarSignal signal,
                 const std::vector<ProcessIdentity>& processes, const std::stop_token& stop) {
  const auto sent = signal_far(*host.runner, signal, processes, stop);
  if (!sent)
    return {nothing_changed(sent.error().code) ? Applied::Refused : Applied::Unknown,
            sent.error().message};
  if (sent->denied.empty()) return {Applied::Done, "signalled"};
  return {sent->alive.empty() ? Applied::Refused : Applied::Unknown,
          fmt::format("pid {} is not ours to signal over there", fmt::join(sent->denied, ", "))};
}

}  // namespace

Result<std::string> see_far_processes(const FarHost& host, const ProcessPattern& pattern,
                                      const std::stop_token& stop) {
  auto processes = read_far_processes(*host.runner, pattern.pid_file, stop);
  if (!processes) return fail(processes.error());
  const auto matching = find_matching(*processes, pattern);
  if (!matching) return fail(matching.error());
  if (matching->empty()) return std::string();
  core::Step step{.name = {}, .seen = seen_processes(*matching), .wanted = {}};
  return on_boot(std::move(step), processes->boot_id).seen;
}

ApplyAnswer signal_far_processes(const FarHost& host, const core::Step& step, int signal,
                                 const std::stop_token& stop) {
  const auto known = far_signal_of(signal);
  if (!known) return {Applied::Refused, fmt::format("signal {} is none of ours", signal)};
  if (auto not_now = started_anew(host, step, stop)) return *not_now;
  if (stop.stop_requested()) return cancelled_before_change();
  return send(host, *known, processes_of(step), stop);
}

}  // namespace fieldmedic

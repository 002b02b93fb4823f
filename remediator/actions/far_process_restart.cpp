#include "remediator/actions/far_process_restart.hpp"

#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "remediator/actions/far_folder_clear.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/process_stop.hpp"
#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/process_family.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

namespace {

// S12, S13: nobody else keeps it running, and our own session does not run in it.
Status may_stop(FarProcesses& processes, const std::vector<ProcessInfo>& members) {
  if (members.size() > kMostProcesses)
    return fail(Errc::Conflict, fmt::format("it has more than {} processes", kMostProcesses));
  for (const ProcessInfo& process : members) {
    const auto refuse = [&](const std::string& why) {
      return fail(Errc::Conflict, fmt::format("pid {}: {}", process.identity.pid, why));
    };
    if (const auto why = untouchable(processes, process.identity.pid)) return refuse(*why);
    if (const auto owner = find_supervisor(processes, process)) return refuse(explain(*owner));
  }
  return {};
}

// As ProcessRestart::idle_unit; a host whose collector has a unit runs systemd.
Result<std::string> idle_unit(const FarRestart& restart, const std::stop_token& stop) {
  const std::string& name = restart.collector.unit;
  if (name.empty()) return name;
  const auto unit = restart.host.systemd->unit(name, stop);
  if (!unit && unit.error().code == Errc::NotFound) return name;
  if (!unit) return fail(unit.error());
  if (unit->load_state != "loaded" || unit->active_state == "inactive") return unit->id;
  return fail(Errc::Conflict, explain({SupervisorKind::SystemdUnit, unit->id}));
}

struct Found {
  std::string boot_id;
  std::vector<ProcessInfo> members;
};

Result<Found> find_members(const FarRestart& restart, const std::stop_token& stop) {
  const ProcessPattern& pattern = restart.collector.process;
  auto processes = read_far_processes(*restart.host.runner, pattern.pid_file, stop);
  if (!processes) return fail(processes.error());
  const auto matching = find_matching(*processes, pattern);
  if (!matching) return fail(matching.error());
  auto members = members_of(identities_of(*matching), living_programs(*processes));
  if (auto status = may_stop(*processes, members); !status) return fail(status.error());
  return Found{processes->boot_id, std::move(members)};
}

}  // namespace

Result<core::Plan> plan_far_restart(const FarRestart& restart, const PlanRequest& request,
                                    const std::stop_token& stop) {
  const CollectorSpec& collector = restart.collector;
  if (collector.start.empty())
    return fail(Errc::NotFound,
                fmt::format("the inventory does not say how to start {}", collector.name));
  const std::string& host = request.target.host;
  auto clears = plan_far_clears(restart.host, collector.start.front(), restart.clear, host, stop);
  if (!clears) return fail(clears.error());
  const auto unit = idle_unit(restart, stop);
  if (!unit) return fail(unit.error());
  const auto found = find_members(restart, stop);
  if (!found) return fail(found.error());

  core::Plan plan;
  plan.resources = {fmt::format("host/{}/process/{}", host, collector.name)};
  if (!unit->empty())  // systemd_restart must not start it beside us
    plan.resources.push_back(fmt::format("host/{}/unit/{}", host, *unit));
  std::move(clears->resources.begin(), clears->resources.end(), std::back_inserter(plan.resources));
  if (!found->members.empty()) plan.steps.push_back(stop_step(found->members, collector));
  std::move(clears->steps.begin(), clears->steps.end(), std::back_inserter(plan.steps));
  plan.steps.push_back(start_step(collector, restart.start_timeout));
  for (core::Step& step : plan.steps) {
    plan.summary += (plan.summary.empty() ? "" : ", then ") + step.name;
    step = on_boot(std::move(step), found->boot_id);
  }
  return plan;
}

}  // namespace fieldmedic

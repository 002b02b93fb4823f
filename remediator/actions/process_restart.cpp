#include "remediator/actions/process_restart.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/far_folder_clear.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/far_process_restart.hpp"
#include "remediator/actions/far_process_start.hpp"
#include "remediator/actions/far_process_stop.hpp"
#include "remediator/actions/folder_clear.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/process_stop.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/supervisor.hpp"
#include "remediator/reach/systemd.hpp"
#include "remediator/reach/timed_runner.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kStartTimeout{10'000};

struct Arguments {
  std::vector<std::string> clear;
  milliseconds start_timeout = kStartTimeout;
};

enum class StepKind { Stop, Clear, Start };

// Told by what only that kind of step wants.
Result<StepKind> kind_of(const core::Step& step) {
  const Json wanted = Json::parse(step.wanted, nullptr, false);
  if (wanted.contains("stop_timeout_ms")) return StepKind::Stop;
  if (wanted.contains("path")) return StepKind::Clear;
  if (wanted.contains("argv")) return StepKind::Start;
  return fail(Errc::Invalid, fmt::format("process_restart knows no step '{}'", step.name));
}

Status may_start(const CollectorSpec& collector) {
  if (collector.start.empty())
    return fail(Errc::NotFound,
                fmt::format("the inventory does not say how to start {}", collector.name));
  const std::string& program = collector.start.front();
  if (!program.starts_with('/'))
    return fail(Errc::Invalid, fmt::format("'{}' is not an absolute path", program));
  if (access(program.c_str(), X_OK) == 0) return {};
  return fail(errno == EACCES ? Errc::Denied : Errc::NotFound,
              fmt::format("{}: {}", program, std::strerror(errno)));
}

// S12, S13: nobody else keeps it running, and it is neither us nor what started us.
Status may_stop(const std::vector<ProcessInfo>& processes, const HostRoot& host) {
  if (processes.size() > kMostProcesses)
    return fail(Errc::Conflict, fmt::format("it has more than {} processes", kMostProcesses));
  for (const ProcessInfo& process : processes) {
    const auto refuse = [&](const std::string& why) {
      return fail(Errc::Conflict, fmt::format("pid {}: {}", process.identity.pid, why));
    };
    if (const auto why = untouchable(host.procfs, process.identity.pid)) return refuse(*why);
    const auto supervisor = find_supervisor(host.procfs, process);
    if (!supervisor && supervisor.error().code == Errc::NotFound) continue;  // ended meanwhile
    if (!supervisor) return fail(supervisor.error());
    if (supervisor->has_value()) return refuse(explain(**supervisor));
  }
  return {};
}

class ProcessRestart final : public Action {
 public:
  ProcessRestart(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(request.target);
    if (collector == nullptr)
      return fail(Errc::NotFound,
                  fmt::format("{} is no collector of the inventory", core::key_of(request.target)));
    if (collector->process.empty())
      return fail(Errc::Invalid, fmt::format("{} has no process pattern", collector->name));
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    if (*far != nullptr)
      return plan_far_restart({**far, *collector, arguments_.clear, arguments_.start_timeout},
                              request, stop);
    return plan_here(*collector, request, stop);
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto kind = kind_of(request.plan.steps[request.step]);
    if (!kind) return {core::Applied::Refused, kind.error().message};
    const CollectorSpec* collector = tools_.inventory->collector(request.target);
    if (collector == nullptr)
      return {core::Applied::Refused, "the collector is not in the inventory any more"};
    const auto far = host_of(request);
    if (!far) return {core::Applied::Refused, far.error().message};
    return *far == nullptr ? apply_here(*kind, request, *collector, stop)
                           : apply_there(*kind, **far, request, *collector, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto kind = kind_of(request.plan.steps[request.step]);
    if (!kind) return {core::Confirmed::Unknown, kind.error().message};
    const auto far = host_of(request);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    return *far == nullptr ? confirm_here(*kind, request)
                           : confirm_there(*kind, **far, request, stop);
  }

 private:
  // The host of the plan: one that a reload has moved since is none.
  [[nodiscard]] Result<const FarHost*> host_of(const ApplyRequest& request) const {
    auto far = far_host(tools_, request.target);
    const bool planned_here = planned_boot_id(request.plan.steps[request.step]).empty();
    if (far && (*far == nullptr) != planned_here)
      return fail(Errc::Conflict, "the host is reached in another way than when it was planned");
    return far;
  }

  [[nodiscard]] Result<core::Plan> plan_here(const CollectorSpec& collector,
                                             const PlanRequest& request,
                                             const std::stop_token& stop) const {
    if (auto status = may_start(collector); !status) return fail(status.error());
    const auto unit = idle_unit(collector, stop);
    if (!unit) return fail(unit.error());
    const auto found = read_collector_processes(tools_.host.procfs, collector.process);
    if (!found) return fail(found.error());
    const auto members = members_of(identities_of(found->matching), found->candidates);
    if (auto status = may_stop(members, tools_.host); !status) return fail(status.error());

    core::Plan plan;
    plan.resources = {fmt::format("host/{}/process/{}", request.target.host, collector.name)};
    if (!unit->empty())  // systemd_restart must not start it beside us
      plan.resources.push_back(fmt::format("host/{}/unit/{}", request.target.host, *unit));
    if (!members.empty()) plan.steps.push_back(stop_step(members, collector));
    if (auto status = plan_clears(arguments_.clear, request.target.host, plan); !status)
      return fail(status.error());
    plan.steps.push_back(start_step(collector, arguments_.start_timeout));
    for (const core::Step& step : plan.steps)
      plan.summary += (plan.summary.empty() ? "" : ", then ") + step.name;
    return plan;
  }

  [[nodiscard]] ApplyAnswer apply_here(StepKind kind, const ApplyRequest& request,
                                       const CollectorSpec& collector,
                                       const std::stop_token& stop) const {
    switch (kind) {
      case StepKind::Stop: return apply_stop(request, tools_.host, stop);
      case StepKind::Clear: return apply_clear(request, stop);
      case StepKind::Start: return apply_start(request, tools_.host, collector, stop);
    }
    return {};
  }

  [[nodiscard]] ApplyAnswer apply_there(StepKind kind, const FarHost& host,
                                        const ApplyRequest& request, const CollectorSpec& collector,
                                        const std::stop_token& stop) const {
    switch (kind) {
      case StepKind::Stop: {
        // Of its many commands the last would end long after the step's time.
        FarHost in_time = host;
        in_time.runner = std::make_shared<TimedRunner>(host.runner, tools_.clock,
                                                       tools_.clock.steady() + request.timeout);
        return apply_far_stop(in_time, request, stop);
      }
      case StepKind::Clear: return apply_far_clear(host, request, stop);
      case StepKind::Start: return apply_far_start(host, request, collector, stop);
    }
    return {};
  }

  [[nodiscard]] ConfirmAnswer confirm_here(StepKind kind, const ApplyRequest& request) const {
    switch (kind) {
      case StepKind::Stop: return confirm_stop(request, tools_.host);
      case StepKind::Clear: return confirm_clear(request);
      case StepKind::Start: return confirm_start(request, tools_.host);
    }
    return {};
  }

  [[nodiscard]] static ConfirmAnswer confirm_there(StepKind kind, const FarHost& host,
                                                   const ApplyRequest& request,
                                                   const std::stop_token& stop) {
    switch (kind) {
      case StepKind::Stop: return confirm_far_stop(host, request, stop);
      case StepKind::Clear: return confirm_far_clear(host, request, stop);
      case StepKind::Start: return confirm_far_start(host, request, stop);
    }
    return {};
  }

  // The name of the collector's unit, by systemd's word where it runs; empty when there is none.
  // A collector with a unit that systemd is running, or starting again right now, is systemd's even
  // while none of its processes lives (S13).
  Result<std::string> idle_unit(const CollectorSpec& collector, const std::stop_token& stop) const {
    std::error_code ignored;
    if (collector.unit.empty() ||
        !std::filesystem::exists(tools_.host.rootfs / "run/systemd/system", ignored))
      return collector.unit;
    const auto unit = tools_.systemd.unit(collector.unit, stop);
    if (!unit && unit.error().code == Errc::NotFound) return collector.unit;
    if (!unit) return fail(unit.error());
    if (unit->load_state != "loaded" || unit->active_state == "inactive") return unit->id;
    return fail(Errc::Conflict, explain({SupervisorKind::SystemdUnit, unit->id}));
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_process_restart(const YamlMap& arguments) {
  const auto folders = read_folders(arguments, "clear");
  const auto timeout = arguments.duration("start_timeout", kStartTimeout);
  return Json{{"clear", folders}, {"start_timeout_ms", timeout.count()}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_process_restart(const std::string& arguments,
                                                     const ActionTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    Arguments parsed{json.at("clear").get<std::vector<std::string>>(),
                     milliseconds(json.at("start_timeout_ms").get<std::int64_t>())};
    if (auto allowed = check_folders(parsed.clear); !allowed) return fail(allowed.error());
    return std::make_unique<ProcessRestart>(std::move(parsed), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of process_restart: {}", error.what()));
  }
}

}  // namespace fieldmedic

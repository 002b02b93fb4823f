#include "remediator/actions/container_restart.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/container_evidence.hpp"
#include "remediator/actions/lost_answer.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kLogLines = 5'000;
constexpr std::int64_t kMostLogLines = 100'000;
constexpr milliseconds kLongestGrace{600'000};
constexpr seconds kEngineSlack{30};  // between the end of a container and its new start

struct Arguments {
  std::string container;   // empty: the collector's
  milliseconds grace{-1};  // negative: the collector's stop_timeout
  int log_lines = 0;
};

// What both kinds of steps saw.
struct Seen {
  std::string id;
  std::string name;
  std::string started_at;
  WallTime planned_at;
  seconds grace{0};
  int log_lines = 0;
};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Seen> read_seen(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    return Seen{.id = seen.at("id").get<std::string>(),
                .name = seen.at("name").get<std::string>(),
                .started_at = seen.value("started_at", ""),
                .planned_at = WallTime(milliseconds(seen.value("planned_at_ms", std::int64_t{0}))),
                .grace = seconds(seen.value("grace", 0)),
                .log_lines = seen.value("log_lines", 0)};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no container_restart step: {}", error.what()));
  }
}

// Empty for the step that restarts.
std::string evidence_file(const core::Step& step) {
  const Json wanted = Json::parse(step.wanted, nullptr, false);
  return wanted.is_object() ? wanted.value("file", "") : std::string();
}

// Ours when the engine's id is in our control group, or where that is hidden in what is mounted
// here out of its folder (proc(5): the fourth field). Where something of it is mounted to says
// nothing: Podman's host has such mounts of every container.
bool runs_us(const HostRoot& host, const std::string& id) {
  std::ifstream cgroup(host.procfs / "self/cgroup");
  if (std::string(std::istreambuf_iterator<char>(cgroup), {}).contains(id)) return true;
  std::ifstream mounts(host.procfs / "self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string from;
    for (int field = 0; field < 4; ++field) fields >> from;
    if (from.contains(id)) return true;
  }
  return false;
}

Status may_restart(const ContainerState& container, const HostRoot& host) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Conflict, fmt::format("container {} {}", container.name, why));
  };
  if (!container.owner.empty())
    return refuse(fmt::format("belongs to {}, which would fight: restart that", container.owner));
  if (container.status == "removing" || container.status == "dead")
    return refuse("is " + container.status);
  if (runs_us(host, container.id)) return refuse("is the remediator's own");
  return {};
}

std::string describe(const ContainerState& container) {
  std::string text = container.status;
  if (!container.running) text += fmt::format(", exit code {}", container.exit_code);
  if (!container.health.empty()) text += ", " + container.health;
  return text;
}

class ContainerRestart final : public Action {
 public:
  ContainerRestart(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(request.target);
    std::string name = arguments_.container;
    if (name.empty() && collector != nullptr) name = collector->container;
    if (name.empty())
      return fail(Errc::NotFound, fmt::format("the inventory gives no container for {}",
                                              core::key_of(request.target)));
    const auto container = tools_.containers->inspect(name, stop);
    if (!container) return fail(container.error());
    if (auto status = may_restart(*container, tools_.host); !status) return fail(status.error());

    auto grace = arguments_.grace;
    if (grace.count() < 0)
      grace = collector != nullptr ? collector->stop_timeout : CollectorSpec{}.stop_timeout;
    core::Plan plan;
    if (arguments_.log_lines > 0) plan.steps.push_back(keep_step(*container));
    plan.steps.push_back(restart_step(*container, std::chrono::ceil<seconds>(grace)));
    plan.resources.push_back(
        fmt::format("host/{}/container/{}", request.target.host, container->id));
    if (collector != nullptr)  // what process_restart would touch
      plan.resources.push_back(
          fmt::format("host/{}/process/{}", request.target.host, collector->name));
    plan.summary = fmt::format("{}restart container {}, which is {}",
                               arguments_.log_lines > 0 ? "keep the log of and " : "",
                               container->name, describe(*container));
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& step = request.plan.steps[request.step];
    const auto seen = read_seen(step);
    if (!seen) return {core::Applied::Refused, seen.error().message};
    const SteadyTime deadline = tools_.clock.steady() + request.timeout;
    const auto container = tools_.containers->inspect(seen->id, stop);
    if (!container) return {core::Applied::Refused, container.error().message};
    if (const auto file = evidence_file(step); !file.empty())
      return keep(file, request.attempt, *container, seen->log_lines, stop);
    if (container->started_at != seen->started_at)
      return {core::Applied::WorldDiffers,
              fmt::format("container {} was started anew since the plan, at {}", container->name,
                          container->started_at)};
    if (auto status = may_restart(*container, tools_.host); !status)  // plan found that it may
      return {core::Applied::WorldDiffers, status.error().message};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto left = std::chrono::floor<milliseconds>(deadline - tools_.clock.steady());
    if (left.count() <= 0) return {core::Applied::Refused, "no time was left for the restart"};
    const Status done = tools_.containers->restart(seen->id, seen->grace, left, stop);
    if (done)
      return {core::Applied::Done, fmt::format("the engine restarted container {}", seen->name)};
    if (nothing_changed(done.error().code)) return {core::Applied::Refused, done.error().message};
    wait_for_order([&] { return confirm(request, stop).answer != core::Confirmed::NotApplied; },
                   stop);
    return {core::Applied::Unknown, done.error().message};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    using core::Confirmed;
    const core::Step& step = request.plan.steps[request.step];
    const auto seen = read_seen(step);
    if (!seen) return {Confirmed::Unknown, seen.error().message};
    if (const auto file = evidence_file(step); !file.empty()) return confirm_kept(file);
    const auto container = tools_.containers->inspect(seen->id, stop);
    if (!container && container.error().code == Errc::NotFound)
      return {Confirmed::NotApplied, fmt::format("container {} is gone", seen->name)};
    if (!container) return {Confirmed::Unknown, container.error().message};
    const std::string evidence = fmt::format("container {} is {}, started at {}", container->name,
                                             describe(*container), container->started_at);
    if (container->status == "restarting") return {Confirmed::InProgress, evidence};
    if (container->started_at == seen->started_at) return judge_old_start(*seen, evidence, stop);
    if (container->running && container->health == "starting")
      return {Confirmed::InProgress, evidence};
    const bool well = container->running && container->health != "unhealthy";
    return {well ? Confirmed::Applied : Confirmed::NotApplied, evidence};
  }

 private:
  core::Step keep_step(const ContainerState& container) const {
    const auto now = tools_.clock.wall().time_since_epoch().count();
    const auto file = tools_.evidence / fmt::format("{}-{}.log", container.name, now);
    return {
        .name = "keep the log of container " + container.name,
        .seen = dump(
            {{"id", container.id}, {"name", container.name}, {"log_lines", arguments_.log_lines}}),
        .wanted = dump({{"file", file.string()}})};
  }

  core::Step restart_step(const ContainerState& container, seconds grace) const {
    return {.name = "restart container " + container.name,
            .seen = dump({{"id", container.id},
                          {"name", container.name},
                          {"started_at", container.started_at},
                          {"planned_at_ms", tools_.clock.wall().time_since_epoch().count()},
                          {"grace", grace.count()}}),
            .wanted = dump({{"status", "running"}, {"not_started_at", container.started_at}})};
  }

  // A log that the engine cannot read is no reason to leave the container down; a file that cannot
  // be written is, since what it would have held may be all there is.
  ApplyAnswer keep(const std::string& file, const core::AttemptId& attempt,
                   const ContainerState& container, int lines, const std::stop_token& stop) const {
    if (stop.stop_requested()) return cancelled_before_change();
    auto log = tools_.containers->logs(container, lines, stop);
    const bool readable = log.has_value();
    if (!readable) log = "(the engine gives no log: " + log.error().message + ")";
    if (stop.stop_requested()) return cancelled_before_change();
    const std::string text = container_evidence(attempt, container, *log);
    if (const auto kept = keep_evidence(file, text); !kept)
      return {core::Applied::Refused,
              kept.error().message + " (log_lines: 0 restarts without keeping the log)"};
    return {core::Applied::Done,
            fmt::format("{} bytes of {} in {}", text.size(),
                        readable ? "description and log" : "description, the log is not readable",
                        file)};
  }

  static ConfirmAnswer confirm_kept(const std::string& file) {
    std::error_code error;
    const bool there = std::filesystem::exists(file, error);
    if (error) return {core::Confirmed::Unknown, fmt::format("{}: {}", file, error.message())};
    return {there ? core::Confirmed::Applied : core::Confirmed::NotApplied,
            fmt::format("{} {}", file, there ? "is there" : "is not there")};
  }

  // Not started anew: is a restart under way (it waits for the container to end), over, or was
  // there none?
  ConfirmAnswer judge_old_start(const Seen& seen, const std::string& evidence,
                                const std::stop_token& stop) const {
    using core::Confirmed;
    const auto told = tools_.containers->last_stop(seen.id, seen.planned_at, stop);
    if (!told) return {Confirmed::Unknown, evidence + "; " + told.error().message};
    if (!*told) return {Confirmed::NotApplied, evidence + "; the engine was not told to end it"};
    const bool may_come = tools_.clock.wall() < **told + seen.grace + kEngineSlack;
    return {may_come ? Confirmed::InProgress : Confirmed::NotApplied,
            fmt::format("{}; told to end at {}", evidence, format_rfc3339(**told))};
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_container_restart(const YamlMap& arguments) {
  std::string container = arguments.string("container", "");
  if (!container.empty() && !is_container_name(container))
    arguments.error("container", "'container' wants the name or id of a container");
  const auto grace = arguments.duration("grace", milliseconds(-1));
  if (grace > kLongestGrace) arguments.error("grace", "'grace' wants at most 10m");
  const auto lines = arguments.integer("log_lines", kLogLines, 0, kMostLogLines);
  return dump({{"container", container}, {"grace_ms", grace.count()}, {"log_lines", lines}});
}

Result<std::unique_ptr<Action>> make_container_restart(const std::string& arguments,
                                                       const ActionTools& tools) {
  if (tools.containers == nullptr)
    return fail(Errc::Invalid, "container_restart: there is no container engine");
  try {
    const Json json = Json::parse(arguments);
    Arguments read{.container = json.at("container").get<std::string>(),
                   .grace = milliseconds(json.at("grace_ms").get<std::int64_t>()),
                   .log_lines = json.at("log_lines").get<int>()};
    if (!read.container.empty() && !is_container_name(read.container))
      return fail(Errc::Invalid, "container_restart: no name of a container");
    return std::make_unique<ContainerRestart>(std::move(read), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of container_restart: {}", error.what()));
  }
}

}  // namespace fieldmedic

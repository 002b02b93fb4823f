#include "remediator/actions/process_start.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/process_files.hpp"
#include "remediator/actions/pattern_json.hpp"
#include "remediator/actions/start_sight.hpp"
#include "remediator/reach/detached_start.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{20};

enum class Carries { Attempt, Other, Untold };

Carries carries(const HostRoot& host, pid_t pid, const core::AttemptId& attempt) {
  const auto value = read_environment(host.procfs, pid, kAttemptVariable);
  if (value) return *value == attempt ? Carries::Attempt : Carries::Other;
  if (value.error().code != Errc::NotFound) return Carries::Untold;
  // Every program has a PATH from whoever started it; one without has written over its environment.
  return read_environment(host.procfs, pid, "PATH") ? Carries::Other : Carries::Untold;
}

Result<StartSight> look(const StartOrder& order, const HostRoot& host,
                        const core::AttemptId& attempt) {
  const auto matcher = ProcessMatcher::compile(order.pattern);
  if (!matcher) return fail(matcher.error());
  const auto matching = matcher->find(host.procfs);
  if (!matching) return fail(matching.error());
  StartSight sight;
  for (const ProcessInfo& process : *matching)
    switch (carries(host, process.identity.pid, attempt)) {
      case Carries::Attempt: sight.ours.push_back(process); break;
      case Carries::Other: sight.others.push_back(process); break;
      case Carries::Untold: sight.untold.push_back(process); break;
    }
  return sight;
}

DetachedProgram program_of(const StartOrder& order, const CollectorSpec& collector,
                           const core::AttemptId& attempt) {
  DetachedProgram program{order.argv, order.working_directory, {}};
  // Ours first: of a name given twice the first counts.
  program.environment = {fmt::format("{}={}", kAttemptVariable, attempt)};
  program.environment.insert(program.environment.end(), collector.environment.begin(),
                             collector.environment.end());
  program.environment.emplace_back(
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  program.environment.emplace_back("LANG=C");
  return program;
}

ApplyAnswer unknown(std::string evidence) {
  return {core::Applied::Unknown, std::move(evidence)};
}

// A daemon's first process ends once its second runs, and a pid file is written late: what counts
// is that something of this attempt matches.
ApplyAnswer wait_until_it_matches(const ApplyRequest& request, const StartOrder& order,
                                  const HostRoot& host, const std::stop_token& stop,
                                  pid_t started) {
  const auto waiter = Waiter::start(std::min(order.start_timeout, request.timeout), stop);
  if (!waiter) return unknown(waiter.error().message);
  int gone = 0;
  for (;;) {
    const auto sight = look(order, host, request.attempt);
    if (!sight) return unknown(sight.error().message);
    if (!sight->ours.empty())
      return {core::Applied::Done, "started " + in_words(sight->ours.front())};
    const auto living = find_attempt(host, request.attempt);
    // Twice in a row, since a listing may miss a process that is being forked.
    gone = living && !living->has_value() ? gone + 1 : 0;
    if (gone == 2 && sight->untold.empty())
      return unknown(fmt::format("pid {} was started and ended at once", started));
    switch (waiter->pause(kLookEvery)) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline:
        return unknown(fmt::format("pid {} was started and does not match yet", started));
      case Waiter::Woke::Stopped:
        return unknown(fmt::format("told to stop after starting pid {}", started));
    }
  }
}

}  // namespace

// Those that do not show their environment
// run under another user than we do, and so were not started by us.
Result<std::optional<pid_t>> find_attempt(const HostRoot& host, const core::AttemptId& attempt) {
  const auto procfs = open_procfs(host.procfs);
  if (!procfs) return fail(procfs.error());
  const auto pids = list_pids(procfs->get());
  if (!pids) return fail(pids.error());
  for (const pid_t pid : *pids) {
    if (const auto value = read_environment(host.procfs, pid, kAttemptVariable);
        !value || *value != attempt)
      continue;
    const auto process = read_process(host.procfs, pid);
    if (process && process->state != 'Z' && process->state != 'X') return pid;
  }
  return std::nullopt;
}

Result<StartOrder> read_start_order(const core::Step& step) {
  try {
    const Json wanted = Json::parse(step.wanted);
    auto pattern = parse_pattern(wanted.at("pattern").dump());
    if (!pattern) return fail(pattern.error());
    return StartOrder{wanted.at("argv").get<std::vector<std::string>>(),
                      wanted.at("working_directory").get<std::string>(), std::move(*pattern),
                      milliseconds(wanted.at("start_timeout_ms").get<std::int64_t>())};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no start step: {}", error.what()));
  }
}

std::string in_words(const ProcessInfo& process) {
  return fmt::format("pid {}, start time {} ticks", process.identity.pid,
                     process.identity.start_ticks);
}

core::Step start_step(const CollectorSpec& collector, milliseconds start_timeout) {
  const Json wanted{{"alive", 1},
                    {"argv", collector.start},
                    {"pattern", Json::parse(pattern_json(collector.process))},
                    {"start_timeout_ms", start_timeout.count()},
                    {"working_directory", collector.working_directory}};
  return {.name = "start " + collector.start.front(),
          .seen = R"({"alive":0})",
          .wanted = wanted.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

ApplyAnswer apply_start(const ApplyRequest& request, const HostRoot& host,
                        const CollectorSpec& collector, const std::stop_token& stop) {
  const auto refuse = [](std::string why) {
    return ApplyAnswer{core::Applied::Refused, std::move(why)};
  };
  const auto order = read_start_order(request.plan.steps[request.step]);
  if (!order) return refuse(order.error().message);
  const auto sight = look(*order, host, request.attempt);
  if (!sight) return refuse(sight.error().message);
  if (!sight->ours.empty())
    return {core::Applied::Done,
            "already started by this attempt: " + in_words(sight->ours.front())};
  for (const auto* others : {&sight->others, &sight->untold})
    if (!others->empty())
      return {core::Applied::WorldDiffers,
              "a matching process lives already: " + in_words(others->front())};
  const auto earlier = find_attempt(host, request.attempt);
  if (!earlier) return refuse(earlier.error().message);
  if (earlier->has_value())
    return unknown(fmt::format("pid {} was started by this attempt and does not match", **earlier));

  if (stop.stop_requested()) return cancelled_before_change();
  const auto started = start_detached(program_of(*order, collector, request.attempt));
  if (!started) return refuse(started.error().message);
  return wait_until_it_matches(request, *order, host, stop, *started);
}

ConfirmAnswer confirm_start(const ApplyRequest& request, const HostRoot& host) {
  using core::Confirmed;
  const auto order = read_start_order(request.plan.steps[request.step]);
  if (!order) return {Confirmed::Unknown, order.error().message};
  // Before the matching ones: a process that begins to match between the two is then seen by one.
  const auto living = find_attempt(host, request.attempt);
  if (!living) return {Confirmed::Unknown, living.error().message};
  auto sight = look(*order, host, request.attempt);
  if (!sight) return {Confirmed::Unknown, sight.error().message};
  sight->living = *living;
  return confirm_by(*sight);
}

}  // namespace fieldmedic

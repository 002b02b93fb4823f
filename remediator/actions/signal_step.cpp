#include "remediator/actions/signal_step.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/far_signal_step.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

// What of the collector runs on the target's host, as `seen` of a step; empty: nothing.
Result<std::string> seen_there(const ProcessPattern& pattern, const core::Target& target,
                               const ActionTools& tools, const std::stop_token& stop) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far != nullptr) return see_far_processes(**far, pattern, stop);
  const auto found = read_collector_processes(tools.host.procfs, pattern);
  if (!found) return fail(found.error());
  return found->matching.empty() ? std::string() : seen_processes(found->matching);
}

ApplyAnswer signal_here(const core::Step& step, int signal, const ActionTools& tools) {
  const Status sent = signal_processes(step.seen, signal, tools.host);
  if (sent) return {core::Applied::Done, "signalled"};
  const bool of_one = Json::parse(step.seen).at("processes").size() == 1;
  return {of_one ? core::Applied::Refused : core::Applied::Unknown, sent.error().message};
}

}  // namespace

Status append_signal(core::Plan& plan, const core::Target& target, int signal,
                     const ActionTools& tools, const std::stop_token& stop) {
  const CollectorSpec* collector = tools.inventory->collector(target);
  if (collector == nullptr || collector->process.empty())
    return fail(Errc::NotFound, fmt::format("{} is no collector with a process in the inventory",
                                            core::key_of(target)));
  auto seen = seen_there(collector->process, target, tools, stop);
  if (!seen) return fail(seen.error());
  plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, collector->name));
  if (seen->empty()) return {};
  plan.steps.push_back({.name = fmt::format("signal {} to read it", collector->name),
                        .seen = *std::move(seen),
                        .wanted = Json{{"signal", signal}}.dump(),
                        .confirmable = core::Confirmable::AtMostOnce});
  return {};
}

ApplyAnswer apply_signal(const ApplyRequest& request, const ActionTools& tools,
                         const std::stop_token& stop) {
  const core::Step& step = request.plan.steps[request.step];
  try {
    const int signal = Json::parse(step.wanted).at("signal").get<int>();
    if (stop.stop_requested()) return cancelled_before_change();
    const auto far = planned_host(tools, request);
    if (!far) return {core::Applied::Refused, far.error().message};
    return *far == nullptr ? signal_here(step, signal, tools)
                           : signal_far_processes(**far, step, signal, stop);
  } catch (const Json::exception& error) {
    return {core::Applied::Refused, fmt::format("no step of a signal: {}", error.what())};
  }
}

ConfirmAnswer confirm_signal() {
  return {core::Confirmed::Unknown, "whether a signal came cannot be told by looking"};
}

}  // namespace fieldmedic

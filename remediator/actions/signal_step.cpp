#include "remediator/actions/signal_step.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/process_signal.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

}  // namespace

Status append_signal(core::Plan& plan, const core::Target& target, int signal,
                     const ActionTools& tools) {
  const CollectorSpec* collector = tools.inventory->collector(target);
  if (collector == nullptr || collector->process.empty())
    return fail(Errc::NotFound, fmt::format("{} is no collector with a process in the inventory",
                                            core::key_of(target)));
  const auto found = read_collector_processes(tools.host.procfs, collector->process);
  if (!found) return fail(found.error());
  plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, collector->name));
  if (found->matching.empty()) return {};
  plan.steps.push_back({.name = fmt::format("signal {} to read it", collector->name),
                        .seen = seen_processes(found->matching),
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
    const Status sent = signal_processes(step.seen, signal, tools.host);
    if (sent) return {core::Applied::Done, "signalled"};
    const bool of_one = Json::parse(step.seen).at("processes").size() == 1;
    return {of_one ? core::Applied::Refused : core::Applied::Unknown, sent.error().message};
  } catch (const Json::exception& error) {
    return {core::Applied::Refused, fmt::format("no step of a signal: {}", error.what())};
  }
}

ConfirmAnswer confirm_signal() {
  return {core::Confirmed::Unknown, "whether a signal came cannot be told by looking"};
}

}  // namespace fieldmedic

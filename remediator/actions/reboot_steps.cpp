#include "remediator/actions/reboot_steps.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/reboot_place.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;

constexpr std::size_t kOutputLimit = 16 * 1024;

std::string_view word_of(WithoutDrain without) {
  return without == WithoutDrain::Allowed ? "allowed" : "refused";
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string seen_text(const BootSeen& seen) {
  return text_of({{"boot_id", seen.boot_id}, {"reached", seen.reached}});
}

// A step as journaled, and where its host is now.
struct Step {
  BootSeen seen;
  std::vector<std::string> drain;  // empty: it is the reboot
  WithoutDrain without = WithoutDrain::Refused;
  RebootPlace place;
};

Result<Step> read_step(const ApplyRequest& request, const ActionTools& tools) {
  Step step;
  try {
    const Json seen = Json::parse(request.plan.steps[request.step].seen);
    const Json wanted = Json::parse(request.plan.steps[request.step].wanted);
    step.seen = {seen.at("boot_id").get<std::string>(), seen.at("reached").get<std::string>()};
    if (wanted.contains("drain")) step.drain = wanted["drain"].get<std::vector<std::string>>();
    if (wanted.at("without") == word_of(WithoutDrain::Allowed))
      step.without = WithoutDrain::Allowed;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of host_reboot: {}", error.what()));
  }
  auto place = reboot_place(request.target, tools);
  if (!place) return fail(place.error());
  if (place->reached != step.seen.reached)
    return fail(Errc::Conflict, fmt::format("the host is reached as {} now, and was planned as {}",
                                            place->reached, step.seen.reached));
  step.place = std::move(*place);
  return step;
}

// ---- the drain ----------------------------------------------------------------------------------

ApplyAnswer apply_drain(const Step& step, const ApplyRequest& request, const ActionTools& tools,
                        const std::stop_token& stop) {
  Command command;
  command.argv = step.drain;
  command.environment = {fmt::format("{}={}", kAttemptVariable, request.attempt)};
  command.timeout = request.timeout;
  command.output_limit = kOutputLimit;
  if (stop.stop_requested()) return cancelled_before_change();
  ApplyAnswer answer = run_there(step.place, command, request, tools, stop);
  if (answer.outcome == Applied::Done || step.without == WithoutDrain::Refused ||
      stop.stop_requested())
    return answer;
  return {Applied::Done, "the drain failed, which the playbook allows: " + answer.evidence};
}

ConfirmAnswer confirm_drain(const Step& step, const ApplyRequest& request, const ActionTools& tools,
                            const std::stop_token& stop) {
  const auto boot_id = boot_id_of(step.place, tools.host, stop);
  if (!boot_id) return {Confirmed::Unknown, boot_id.error().message};
  if (*boot_id != step.seen.boot_id)
    return {Confirmed::NotApplied, "the host was booted anew since, and holds again what it does"};
  ConfirmAnswer answer = look_up_there(step.place, step.seen.boot_id, request, tools, stop);
  if (answer.answer == Confirmed::Applied || answer.answer == Confirmed::InProgress ||
      step.without == WithoutDrain::Refused)
    return answer;
  return {Confirmed::Applied, "not drained, which the playbook allows: " + answer.evidence};
}

// ---- the reboot ---------------------------------------------------------------------------------

// Writes to disk what is in memory: services write more when they are ended, but not one that
// hangs.
ApplyAnswer flush(const Step& step, const ApplyRequest& request, const ActionTools& tools,
                  const std::stop_token& stop) {
  Command command;
  command.argv = {"sync"};
  command.timeout = request.timeout / 2;
  command.output_limit = kOutputLimit;
  ProcessRunner& runner = step.place.far == nullptr ? tools.runner : *step.place.far->runner;
  return command_answer(runner.run(command, stop));
}

ApplyAnswer apply_reboot(const Step& step, const ApplyRequest& request, const ActionTools& tools,
                         const std::stop_token& stop) {
  if (stop.stop_requested()) return cancelled_before_change();
  std::string flushed;
  if (const auto answer = flush(step, request, tools, stop); answer.outcome != Applied::Done) {
    flushed = "what is in memory could not be written to disk (sync): " + answer.evidence;
    if (step.without == WithoutDrain::Refused)
      return {Applied::Refused, "not rebooted: " + flushed};
  }
  if (stop.stop_requested()) return {Applied::Refused, "cancelled before the reboot"};
  Command command;
  if (step.place.far != nullptr && step.place.far->access.as_root == AsRoot::BySudo)
    command.argv = {"sudo", "-n", "--"};
  // As `systemctl reboot` does it where no logind is: the job is there when this has ended.
  for (const char* argument : {"/usr/bin/systemctl", "start", "--no-block",
                               "--job-mode=replace-irreversibly", kRebootTarget})
    command.argv.emplace_back(argument);
  command.environment = {fmt::format("{}={}", kAttemptVariable, request.attempt)};
  command.timeout = request.timeout / 4;
  command.output_limit = kOutputLimit;
  ApplyAnswer answer = run_there(step.place, command, request, tools, stop);
  if (answer.outcome == Applied::Done) answer.evidence = "systemd took the order";
  // Its exit code does not say whether systemd has a job; a look does.
  if (answer.outcome == Applied::Refused) answer.outcome = Applied::Unknown;
  if (!flushed.empty()) answer.evidence += "; " + flushed;
  return answer;
}

// Of a host that still runs as the plan saw it.
ConfirmAnswer confirm_order(const Step& step, const ApplyRequest& request, const ActionTools& tools,
                            const std::stop_token& stop) {
  ConfirmAnswer order = look_up_there(step.place, step.seen.boot_id, request, tools, stop);
  if (order.answer == Confirmed::InProgress) return order;
  const auto target = step.place.systemd->unit(kRebootTarget, stop);
  if (!target) return {Confirmed::Unknown, target.error().message};
  if (target->job != 0)
    return {Confirmed::InProgress, fmt::format("it goes down, by job {}", target->job)};
  if (target->active_state != "inactive")
    return {Confirmed::InProgress, fmt::format("{} is {}", kRebootTarget, target->active_state)};
  // The record over there does not say how it ended: then perhaps it has not.
  if (step.place.far != nullptr && order.answer == Confirmed::Unknown) return order;
  return {Confirmed::NotApplied,
          fmt::format("it runs on as boot {}, and systemd has no job for a reboot ({})",
                      step.seen.boot_id, order.evidence)};
}

ConfirmAnswer confirm_reboot(const Step& step, const ApplyRequest& request,
                             const ActionTools& tools, const std::stop_token& stop) {
  const auto boot_id = boot_id_of(step.place, tools.host, stop);
  if (!boot_id) return {Confirmed::Unknown, boot_id.error().message};
  if (*boot_id == step.seen.boot_id) return confirm_order(step, request, tools, stop);
  return {Confirmed::Applied,
          fmt::format("boot {}, before it was {}", *boot_id, step.seen.boot_id)};
}

}  // namespace

core::Step drain_step(const std::vector<std::string>& argv, WithoutDrain without,
                      const BootSeen& seen) {
  const bool at_most_once = seen.reached == "here" && without == WithoutDrain::Refused;
  return {.name = "drain by " + argv.front(),
          .seen = seen_text(seen),
          .wanted = text_of({{"drain", argv}, {"without", word_of(without)}}),
          .confirmable = at_most_once ? core::Confirmable::AtMostOnce : core::Confirmable::Yes};
}

core::Step reboot_step(const std::string& host, WithoutDrain without, const BootSeen& seen) {
  return {.name = "reboot " + host,
          .seen = seen_text(seen),
          .wanted = text_of({{"not_boot_id", seen.boot_id}, {"without", word_of(without)}})};
}

ApplyAnswer apply_reboot_step(const ApplyRequest& request, const ActionTools& tools,
                              const std::stop_token& stop) {
  const auto step = read_step(request, tools);
  if (!step) return {Applied::Refused, step.error().message};
  const auto boot_id = boot_id_of(step->place, tools.host, stop);
  if (!boot_id) return {Applied::Refused, boot_id.error().message};
  if (*boot_id != step->seen.boot_id)
    return {Applied::WorldDiffers,
            fmt::format("it was booted anew since the plan: boot {}", *boot_id)};
  return step->drain.empty() ? apply_reboot(*step, request, tools, stop)
                             : apply_drain(*step, request, tools, stop);
}

ConfirmAnswer confirm_reboot_step(const ApplyRequest& request, const ActionTools& tools,
                                  const std::stop_token& stop) {
  const auto step = read_step(request, tools);
  if (!step) return {Confirmed::Unknown, step.error().message};
  return step->drain.empty() ? confirm_reboot(*step, request, tools, stop)
                             : confirm_drain(*step, request, tools, stop);
}

}  // namespace fieldmedic

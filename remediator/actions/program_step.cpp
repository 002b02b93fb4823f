#include "remediator/actions/program_step.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/reach/far_look.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kOutputLimit = 16uz * 1024;
constexpr milliseconds kAsk{5'000};
constexpr milliseconds kAskEvery{200};

Command command_of(std::vector<std::string> argv, milliseconds timeout) {
  Command command;
  command.argv = std::move(argv);
  command.timeout = timeout;
  command.output_limit = kOutputLimit;
  return command;
}

// Of a program that only looks, on the host `far`; null: here.
Result<ProcessResult> look(Command command, const ActionTools& tools, const FarHost* far,
                           const std::stop_token& stop) {
  if (far == nullptr) return tools.runner.run(command, stop);
  return far->runner->run(killed_in_time(std::move(command)), stop);
}

ConfirmAnswer ask(const OwnProgram& own, const ActionTools& tools, const FarHost* far,
                  milliseconds timeout, const std::stop_token& stop) {
  const std::string& program = own.confirm.front();
  Command command = command_of(own.confirm, std::min(timeout, kAsk));
  command.environment = own.environment;
  const auto ended = look(std::move(command), tools, far, stop);
  if (!ended) return {Confirmed::Unknown, fmt::format("{}: {}", program, ended.error().message)};
  if (ended->term_signal != 0)
    return {Confirmed::Unknown, fmt::format("{} was ended by a signal", program)};
  const std::string evidence = fmt::format("{} exited with {}", program, ended->exit_code);
  if (ended->exit_code == 0) return {Confirmed::Applied, evidence};
  return {ended->exit_code == 1 ? Confirmed::NotApplied : Confirmed::Unknown, evidence};
}

// Whether something of it runs still, or may begin later.
Result<bool> still_runs(const ApplyRequest& request, const ActionTools& tools, const FarHost* far,
                        const std::stop_token& stop) {
  if (far != nullptr) return still_runs_far(*far, request, stop);
  const auto running = find_attempt(tools.host, request.attempt);
  if (!running) return fail(running.error());
  return running->has_value();
}

OwnProgram program_of(const core::Step& step) {
  const Json wanted = Json::parse(step.wanted);
  return {wanted.at("argv").get<std::vector<std::string>>(),
          wanted.at("confirm").get<std::vector<std::string>>(),
          wanted.at("environment").get<std::vector<std::string>>()};
}

ApplyAnswer run(const OwnProgram& program, const ApplyRequest& request, const ActionTools& tools,
                const FarHost* far, const std::stop_token& stop) {
  const auto waiter = Waiter::start(request.timeout * 3 / 4, stop);
  if (!waiter) return {Applied::Refused, waiter.error().message};
  Command command = command_of(program.argv, request.timeout / 2);
  command.environment = program.environment;
  command.environment.push_back(fmt::format("{}={}", kAttemptVariable, request.attempt));
  if (far != nullptr)
    if (auto not_now = started_anew(*far, request.plan.steps[request.step], stop)) return *not_now;
  if (stop.stop_requested()) return cancelled_before_change();
  ApplyAnswer ended = far == nullptr ? command_answer(tools.runner.run(command, stop))
                                     : apply_far(*far, command, request, stop);
  if (ended.outcome != Applied::Done || program.confirm.empty()) return ended;
  for (;;) {
    ConfirmAnswer now = ask(program, tools, far, request.timeout / 4, stop);
    if (now.answer == Confirmed::Applied) return {Applied::Done, std::move(now.evidence)};
    if (waiter->pause(kAskEvery) != Waiter::Woke::Ready)
      return {Applied::Unknown, std::move(now.evidence)};
  }
}

}  // namespace

core::Step program_step(std::string name, const OwnProgram& program) {
  return {.name = std::move(name),
          .seen = "{}",
          .wanted = Json{{"argv", program.argv},
                         {"confirm", program.confirm},
                         {"environment", program.environment}}
                        .dump(-1, ' ', false, Json::error_handler_t::replace),
          .confirmable =
              program.confirm.empty() ? core::Confirmable::AtMostOnce : core::Confirmable::Yes};
}

bool is_program_step(const core::Step& step) {
  const Json wanted = Json::parse(step.wanted, nullptr, false);
  return wanted.is_object() && wanted.contains("argv") && wanted.contains("confirm");
}

ApplyAnswer apply_program(const ApplyRequest& request, const ActionTools& tools, const FarHost* far,
                          const std::stop_token& stop) {
  try {
    return run(program_of(request.plan.steps[request.step]), request, tools, far, stop);
  } catch (const Json::exception& error) {
    return {Applied::Refused, fmt::format("no step of a program: {}", error.what())};
  }
}

ConfirmAnswer confirm_program(const ApplyRequest& request, const ActionTools& tools,
                              const FarHost* far, const std::stop_token& stop) {
  try {
    const OwnProgram program = program_of(request.plan.steps[request.step]);
    const auto runs = still_runs(request, tools, far, stop);
    if (!runs) return {Confirmed::Unknown, runs.error().message};
    if (*runs) return {Confirmed::InProgress, program.argv.front() + " runs still"};
    if (program.confirm.empty())
      return {Confirmed::Unknown, "what it did cannot be told by looking"};
    return ask(program, tools, far, request.timeout, stop);
  } catch (const Json::exception& error) {
    return {Confirmed::Unknown, fmt::format("no step of a program: {}", error.what())};
  }
}

std::string backlog_by(const std::vector<std::string>& argv, const ActionTools& tools,
                       const FarHost* far, const std::stop_token& stop) {
  if (argv.empty()) return "what stays behind is not known, for no `backlog` is declared";
  const auto ended = look(command_of(argv, kAsk), tools, far, stop);
  const bool told = ended && ended->term_signal == 0 && ended->exit_code == 0;
  if (!told)
    return fmt::format("how much stays behind cannot be told: {}",
                       ended ? command_answer(ended).evidence : ended.error().message);
  const std::string line = ended->out.substr(0, ended->out.find('\n'));
  return fmt::format("it leaves behind {}", quote(line));
}

}  // namespace fieldmedic

#include "remediator/actions/exec.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostVariables = 64;
constexpr std::size_t kOutputLimit = 16 * 1024;

struct Arguments {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
};

Status check_environment(const std::vector<std::string>& environment) {
  if (environment.size() > kMostVariables)
    return fail(Errc::Invalid, fmt::format("at most {} variables", kMostVariables));
  for (const std::string& variable : environment) {
    const auto equals = variable.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Errc::Invalid, fmt::format("'{}' wants the form NAME=value", variable));
    if (variable.starts_with("FIELDMEDIC_"))
      return fail(Errc::Invalid, "names that start with FIELDMEDIC_ are ours");
  }
  return {};
}

class Exec final : public Action {
 public:
  Exec(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto argv = render_argv(arguments_.argv, request);
    if (!argv) return fail(argv.error());
    const auto seen = see(request.target, stop);
    if (!seen) return fail(seen.error());
    core::Plan plan;
    plan.summary = "run " + program_line(*argv);
    plan.steps.push_back(
        {.name = plan.summary,
         .seen = seen->dump(),
         .wanted = Json{{"argv", *argv}}.dump(),
         .confirmable = seen->empty() ? core::Confirmable::AtMostOnce : core::Confirmable::Yes});
    // What a program of the operator's touches is not known: the whole host.
    plan.resources = whole_hosts(request.target, *tools_.inventory);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    Command command;
    try {
      command.argv = Json::parse(request.plan.steps[request.step].wanted)
                         .at("argv")
                         .get<std::vector<std::string>>();
    } catch (const Json::exception& error) {
      return {core::Applied::Refused, fmt::format("no exec step: {}", error.what())};
    }
    command.environment = {fmt::format("{}={}", kAttemptVariable, request.attempt)};
    command.environment.insert(command.environment.end(), arguments_.environment.begin(),
                               arguments_.environment.end());
    command.timeout = request.timeout;
    command.output_limit = kOutputLimit;
    if (stop.stop_requested()) return cancelled_before_change();
    const auto far = host_of(request);
    if (!far) return {core::Applied::Refused, far.error().message};
    return *far == nullptr ? command_answer(tools_.runner.run(command, stop))
                           : apply_far(**far, command, request, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = host_of(request);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    if (*far != nullptr) return confirm_far(**far, boot_id_in(request), request, stop);
    return {core::Confirmed::Unknown, "what exec did cannot be told by looking"};
  }

 private:
  // On another host a record is kept, good for one boot of it: what is lost here is looked up
  // there.
  [[nodiscard]] Result<Json> see(const core::Target& target, const std::stop_token& stop) const {
    const auto far = far_host(tools_, target);
    if (!far) return fail(far.error());
    if (*far == nullptr) return Json::object();
    auto boot_id = far_boot_id(**far, stop);
    if (!boot_id) return fail(boot_id.error());
    return Json{{"boot_id", std::move(*boot_id)}};
  }

  static std::string boot_id_in(const ApplyRequest& request) {
    const Json seen = Json::parse(request.plan.steps[request.step].seen, nullptr, false);
    return seen.is_object() ? seen.value("boot_id", std::string()) : std::string();
  }

  // The host of the plan: one that a reload has moved since is none.
  [[nodiscard]] Result<const FarHost*> host_of(const ApplyRequest& request) const {
    auto far = far_host(tools_, request.target);
    if (far && (*far == nullptr) != boot_id_in(request).empty())
      return fail(Errc::Conflict, "the host is reached in another way than when it was planned");
    return far;
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_exec(const YamlMap& arguments) {
  const auto argv = arguments.strings("argv");
  if (auto right = check_argv("argv", argv); !right) arguments.error("argv", right.error().message);
  const auto environment = arguments.strings("environment");
  if (auto right = check_environment(environment); !right)
    arguments.error("environment", right.error().message);
  // What is no boolean was told as such.
  if (!arguments.boolean("at_most_once", arguments.has("at_most_once")))
    arguments.error("at_most_once",
                    "exec wants 'at_most_once: true': what it does cannot be confirmed, so after a "
                    "crash a person decides");
  return Json{{"argv", argv}, {"environment", environment}}.dump(-1, ' ', false,
                                                                 Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_exec(const std::string& arguments, const ActionTools& tools) {
  try {
    const Json json = Json::parse(arguments);
    Arguments parsed{json.at("argv").get<std::vector<std::string>>(),
                     json.at("environment").get<std::vector<std::string>>()};
    if (auto right = check_argv("argv", parsed.argv); !right) return fail(right.error());
    if (auto right = check_environment(parsed.environment); !right) return fail(right.error());
    return std::make_unique<Exec>(std::move(parsed), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of exec: {}", error.what()));
  }
}

}  // namespace fieldmedic

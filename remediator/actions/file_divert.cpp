#include "remediator/actions/file_divert.hpp"

#include <span>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/template.hpp"
#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/file_step.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/program_argv.hpp"
#include "remediator/actions/program_step.hpp"
#include "remediator/actions/signal_step.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kWas = ".was-";
constexpr std::string_view kDiverted = ".diverted-";

struct Arguments {
  std::string file;
  std::string to;  // a template of target.host and target.name
  int signal = 0;  // 0: none
  std::vector<std::string> check;
  std::vector<std::string> reload;
  std::vector<std::string> confirm;
  std::vector<std::string> backlog;
  std::vector<std::string> replay;
};

Result<std::string> rendered(const std::string& to, const core::Target& target) {
  const auto parsed = Template::parse(to);
  if (!parsed) return fail(Errc::Invalid, "'to': " + parsed.error().message);
  auto path = parsed->render([&](std::string_view name) -> Result<std::string> {
    if (name == "target.host") return target.host;
    if (name == "target.name") return target.name;
    return fail(Errc::Invalid,
                fmt::format("'to' knows target.host and target.name, not '{}'", name));
  });
  if (!path) return path;
  if (auto right = check_clean_path("to", *path); !right) return fail(right.error());
  return path;
}

Status check_programs(const Arguments& arguments) {
  using Named = std::pair<const char*, const std::vector<std::string>*>;
  for (const auto& [name, argv] :
       {Named{"check", &arguments.check}, Named{"reload", &arguments.reload},
        Named{"confirm", &arguments.confirm}, Named{"backlog", &arguments.backlog},
        Named{"replay", &arguments.replay}})
    if (!argv->empty())
      if (auto right = check_argv(name, *argv); !right) return right;
  if (arguments.signal != 0 && !arguments.reload.empty())
    return fail(Errc::Invalid, "'signal' and 'reload' exclude each other");
  if (!arguments.confirm.empty() && arguments.reload.empty())
    return fail(Errc::Invalid, "'confirm' wants 'reload': it tells whether that took effect");
  return {};
}

Status check(const Arguments& arguments) {
  if (auto right = check_clean_path("file", arguments.file); !right) return right;
  const auto to = rendered(arguments.to, {core::TargetKind::Collector, "name", "host", "group"});
  if (!to) return fail(to.error());
  if (*to == arguments.file) return fail(Errc::Invalid, "'file' and 'to' want to be two files");
  return check_programs(arguments);
}

// The first of the plans' steps that replaces a file; null: none does.
const core::Step* file_step_of(std::span<const core::Plan> plans) {
  for (const core::Plan& plan : plans)
    for (const core::Step& step : plan.steps)
      if (is_file_step(step)) return &step;
  return nullptr;
}

class FileDivert final : public Action {
 public:
  FileDivert(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto to = rendered(arguments_.to, request.target);
    if (!to) return fail(to.error());
    const auto backlog = render_argv(arguments_.backlog, request);
    if (!backlog) return fail(backlog.error());
    const auto spare = version_there(tools_, request.target, *to, stop);
    if (!spare) return fail(spare.error());
    const auto now = version_there(tools_, request.target, arguments_.file, stop);
    if (!now) return fail(now.error());
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    core::Plan plan = plan_of(request.target, *far);
    if (*now != *spare) {
      plan.steps.push_back(replace_step(*to, kept_name(arguments_.file, kWas, *now), *spare, *now));
    } else if (const core::Step* begun = file_step_of(request.made)) {
      auto made = read_made(request.target, *begun);
      if (!made) return fail(made.error());
      made->begun = true;  // planned again after a crash: it says what was there before
      plan.steps.push_back(write_file_step(begun->name, *made));
    } else {
      return fail(Errc::Conflict,
                  fmt::format("{} is the version of {} already", arguments_.file, *to));
    }
    if (auto added = append_reading(plan, request, "FIELDMEDIC_DIVERTED=yes", stop); !added)
      return fail(added.error());
    if (auto there = planned_there(plan, tools_, request.target, stop); !there)
      return fail(there.error());
    plan.summary =
        fmt::format("{}; {}", plan.steps.front().name, backlog_by(*backlog, tools_, *far, stop));
    plan.lease = core::LeaseClaim{plan.resources.front(), core::WhenAway::Nobody};
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const core::Step* step = file_step_of({&request.made, 1});
    if (step == nullptr) return fail(Errc::Conflict, "what was in the file before is not known");
    const auto made = read_made(request.target, *step);
    if (!made) return fail(made.error());
    const auto now = digest_there(tools_, request.target, made->file, stop);
    if (!now) return fail(now.error());
    if (*now != made->seen && *now != made->sha256)
      return fail(Errc::Conflict,
                  fmt::format("{} is not as it was left: somebody changed it", made->file));
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    core::Plan plan = plan_of(request.target, *far);
    plan.summary = fmt::format("put back what was in {}", made->file);
    // Where it is back already, a crash may have come before it was read.
    if (*now != made->seen)
      plan.steps.push_back(replace_step(beside(made->file, made->keep),
                                        kept_name(made->file, kDiverted, made->sha256), made->seen,
                                        made->sha256));
    const PlanRequest again{request.target, request.labels};
    if (auto added = append_reading(plan, again, "FIELDMEDIC_DIVERTED=no", stop); !added)
      return fail(added.error());
    if (!arguments_.replay.empty()) {
      auto argv = render_argv(arguments_.replay, again);
      if (!argv) return fail(argv.error());
      plan.steps.push_back(program_step("replay what was diverted", {*std::move(argv), {}}));
      plan.summary += ", and replay what was diverted";
    }
    if (auto there = planned_there(plan, tools_, request.target, stop); !there)
      return fail(there.error());
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& step = request.plan.steps[request.step];
    if (is_file_step(step)) return apply_file_step(request, tools_, stop);
    if (!is_program_step(step)) return apply_signal(request, tools_, stop);
    const auto far = planned_host(tools_, request);
    if (!far) return {core::Applied::Refused, far.error().message};
    return apply_program(request, tools_, *far, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const core::Step& step = request.plan.steps[request.step];
    if (is_file_step(step)) return confirm_file_step(request, tools_, stop);
    if (!is_program_step(step)) return confirm_signal();
    const auto far = planned_host(tools_, request);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    return confirm_program(request, tools_, *far, stop);
  }

 private:
  // Without `far` the file is the remediator's own host's, also where it leads past another.
  [[nodiscard]] core::Plan plan_of(const core::Target& target, const FarHost* far) const {
    core::Plan plan;
    if (far == nullptr) plan.resources.push_back("file" + arguments_.file);
    plan.resources.push_back(fmt::format("host/{}/path{}", target.host, arguments_.file));
    if (target.kind == core::TargetKind::Collector)
      plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, target.name));
    return plan;
  }

  // Of a host that is reached now as it was then.
  [[nodiscard]] Result<FileStep> read_made(const core::Target& target,
                                           const core::Step& step) const {
    if (const auto far = planned_host(tools_, target, step); !far) return fail(far.error());
    return read_file_step(step);
  }

  [[nodiscard]] core::Step replace_step(const std::string& by, const std::string& keep,
                                        const std::string& sha256, const std::string& seen) const {
    return write_file_step(fmt::format("replace {} by {}", arguments_.file, by),
                           {arguments_.file, by, keep, sha256, seen, arguments_.check});
  }

  [[nodiscard]] Status append_reading(core::Plan& plan, const PlanRequest& request,
                                      const char* environment, const std::stop_token& stop) const {
    if (arguments_.signal != 0)
      return append_signal(plan, request.target, arguments_.signal, tools_, stop);
    if (arguments_.reload.empty()) return {};
    plan.steps.push_back(program_step(fmt::format("have {} read", arguments_.file),
                                      {arguments_.reload, arguments_.confirm, {environment}}));
    return {};
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_file_divert(const YamlMap& map) {
  for (const char* key : {"file", "to"}) map.require(key);
  const Arguments arguments{map.string("file", ""), map.string("to", ""),  read_signal(map, 0),
                            map.strings("check"),   map.strings("reload"), map.strings("confirm"),
                            map.strings("backlog"), map.strings("replay")};
  if (auto right = check(arguments); map.has("file") && map.has("to") && !right)
    map.error(right.error().message);
  const Json json{{"file", arguments.file},       {"to", arguments.to},
                  {"signal", arguments.signal},   {"check", arguments.check},
                  {"reload", arguments.reload},   {"confirm", arguments.confirm},
                  {"backlog", arguments.backlog}, {"replay", arguments.replay}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_file_divert(const std::string& text,
                                                 const ActionTools& tools) {
  using Argv = std::vector<std::string>;
  try {
    const Json json = Json::parse(text);
    Arguments arguments{json.at("file").get<std::string>(), json.at("to").get<std::string>(),
                        json.at("signal").get<int>(),       json.at("check").get<Argv>(),
                        json.at("reload").get<Argv>(),      json.at("confirm").get<Argv>(),
                        json.at("backlog").get<Argv>(),     json.at("replay").get<Argv>()};
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<FileDivert>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of data_divert: {}", error.what()));
  }
}

}  // namespace fieldmedic

#include "remediator/actions/config_rollback.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clean_path.hpp"
#include "remediator/actions/file_step.hpp"
#include "remediator/actions/process_signal.hpp"
#include "remediator/actions/signal_step.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kDigitsShown = 12;
constexpr std::string_view kReplaced = ".replaced-";

struct Arguments {
  std::string file;
  std::string good;
  int signal = 0;  // 0: none
};

Status check(const Arguments& arguments) {
  for (const auto& [key, path] : {std::pair{"file", &arguments.file}, {"good", &arguments.good}})
    if (auto right = check_clean_path(key, *path); !right) return right;
  if (arguments.file == arguments.good)
    return fail(Errc::Invalid, "'file' and 'good' want to be two files");
  return {};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class ConfigRollback final : public Action {
 public:
  ConfigRollback(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto good = version_there(tools_, request.target, arguments_.good, stop);
    if (!good) return fail(good.error());
    const auto now = digest_there(tools_, request.target, arguments_.file, stop);
    if (!now) return fail(now.error());
    if (auto right = is_remedy(request.target, *now, *good, stop); !right)
      return fail(right.error());
    core::Plan plan;
    plan.resources = {fmt::format("host/{}/path{}", request.target.host, arguments_.file)};
    plan.steps.push_back(
        write_file_step(fmt::format("replace {} by the last known good version", arguments_.file),
                        {arguments_.file, arguments_.good,
                         kept_name(arguments_.file, kReplaced, *now), *good, *now}));
    plan.summary = fmt::format("{} ({} by {})", plan.steps.front().name,
                               now->empty() ? "none" : now->substr(0, kDigitsShown),
                               good->substr(0, kDigitsShown));
    if (arguments_.signal != 0)
      if (auto added = append_signal(plan, request.target, arguments_.signal, tools_, stop); !added)
        return fail(added.error());
    if (auto there = planned_there(plan, tools_, request.target, stop); !there)
      return fail(there.error());
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return is_file_step(request.plan.steps[request.step]) ? apply_file_step(request, tools_, stop)
                                                          : apply_signal(request, tools_, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    return is_file_step(request.plan.steps[request.step]) ? confirm_file_step(request, tools_, stop)
                                                          : confirm_signal();
  }

 private:
  [[nodiscard]] Status is_remedy(const core::Target& target, const std::string& now,
                                 const std::string& good, const std::stop_token& stop) const {
    if (now == good)
      return fail(Errc::Conflict,
                  fmt::format("{} is the last known good version already", arguments_.file));
    const auto kept = digest_there(
        tools_, target, beside(arguments_.file, kept_name(arguments_.file, kReplaced, good)), stop);
    if (!kept) return fail(kept.error());
    if (*kept == good)
      return fail(Errc::Conflict, fmt::format("the good version {} was itself replaced as sick",
                                              good.substr(0, kDigitsShown)));
    return {};
  }

  Arguments arguments_;
  ActionTools tools_;
};

}  // namespace

std::string read_config_rollback(const YamlMap& map) {
  for (const char* key : {"file", "good"}) map.require(key);
  const Arguments arguments{map.string("file", ""), map.string("good", ""), read_signal(map, 0)};
  if (auto right = check(arguments); map.has("file") && map.has("good") && !right)
    map.error(right.error().message);
  return text_of(
      {{"file", arguments.file}, {"good", arguments.good}, {"signal", arguments.signal}});
}

Result<std::unique_ptr<Action>> make_config_rollback(const std::string& text,
                                                     const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    Arguments arguments{json.at("file").get<std::string>(), json.at("good").get<std::string>(),
                        json.at("signal").get<int>()};
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<ConfigRollback>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of config_rollback: {}", error.what()));
  }
}

}  // namespace fieldmedic

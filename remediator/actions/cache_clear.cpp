#include "remediator/actions/cache_clear.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/clear_steps.hpp"
#include "remediator/actions/folder_clear.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

class CacheClear final : public Action {
 public:
  CacheClear(std::vector<std::string> paths, const ActionTools& tools)
      : paths_(std::move(paths)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    core::Plan plan;
    if (auto planned = plan_clears_there(paths_, tools_, request.target, plan, stop); !planned)
      return fail(planned.error());
    if (plan.steps.empty())
      return fail(Errc::NotFound, fmt::format("nothing is in {}", fmt::join(paths_, ", ")));
    for (const core::Step& step : plan.steps)
      plan.summary += (plan.summary.empty() ? "" : ", then ") + step.name;
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return apply_clear_there(request, tools_, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    return confirm_clear_there(request, tools_, stop);
  }

 private:
  std::vector<std::string> paths_;
  ActionTools tools_;
};

}  // namespace

std::string read_cache_clear(const YamlMap& arguments) {
  arguments.require("paths");
  return Json{{"paths", read_folders(arguments, "paths")}}.dump(-1, ' ', false,
                                                                Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_cache_clear(const std::string& arguments,
                                                 const ActionTools& tools) {
  try {
    auto paths = Json::parse(arguments).at("paths").get<std::vector<std::string>>();
    if (auto allowed = check_folders(paths); !allowed) return fail(allowed.error());
    return std::make_unique<CacheClear>(std::move(paths), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of cache_clear: {}", error.what()));
  }
}

}  // namespace fieldmedic

#include "remediator/actions/cache_clear.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/folder_clear.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

class CacheClear final : public Action {
 public:
  explicit CacheClear(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token) override {
    core::Plan plan;
    if (auto status = plan_clears(paths_, request.target.host, plan); !status)
      return fail(status.error());
    if (plan.steps.empty())
      return fail(Errc::NotFound, fmt::format("nothing is in {}", fmt::join(paths_, ", ")));
    for (const core::Step& step : plan.steps)
      plan.summary += (plan.summary.empty() ? "" : ", then ") + step.name;
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    return apply_clear(request, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token) override {
    return confirm_clear(request);
  }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

std::string read_cache_clear(const YamlMap& arguments) {
  arguments.require("paths");
  return Json{{"paths", read_folders(arguments, "paths")}}.dump(-1, ' ', false,
                                                                Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_cache_clear(const std::string& arguments, const ActionTools&) {
  try {
    auto paths = Json::parse(arguments).at("paths").get<std::vector<std::string>>();
    if (auto allowed = check_folders(paths); !allowed) return fail(allowed.error());
    return std::make_unique<CacheClear>(std::move(paths));
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of cache_clear: {}", error.what()));
  }
}

}  // namespace fieldmedic

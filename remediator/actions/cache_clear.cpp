#include "remediator/actions/cache_clear.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_folder_clear.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/folder_clear.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

class CacheClear final : public Action {
 public:
  CacheClear(std::vector<std::string> paths, const ActionTools& tools)
      : paths_(std::move(paths)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return fail(far.error());
    core::Plan plan;
    const std::string& host = request.target.host;
    if (auto planned =
            *far == nullptr ? plan_clears(paths_, host, plan) : plan_far(**far, host, plan, stop);
        !planned)
      return fail(planned.error());
    if (plan.steps.empty())
      return fail(Errc::NotFound, fmt::format("nothing is in {}", fmt::join(paths_, ", ")));
    for (const core::Step& step : plan.steps)
      plan.summary += (plan.summary.empty() ? "" : ", then ") + step.name;
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return {core::Applied::Refused, far.error().message};
    return *far == nullptr ? apply_clear(request, stop) : apply_far_clear(**far, request, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto far = far_host(tools_, request.target);
    if (!far) return {core::Confirmed::Unknown, far.error().message};
    return *far == nullptr ? confirm_clear(request) : confirm_far_clear(**far, request, stop);
  }

 private:
  Status plan_far(const FarHost& far, const std::string& host, core::Plan& plan,
                  const std::stop_token& stop) const {
    auto clears = plan_far_clears(far, "", paths_, host, stop);
    if (!clears) return fail(clears.error());
    const auto boot_id = far_boot_id(far, stop);
    if (!boot_id) return fail(boot_id.error());
    plan.resources = std::move(clears->resources);
    for (core::Step& step : clears->steps) plan.steps.push_back(on_boot(std::move(step), *boot_id));
    return {};
  }

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

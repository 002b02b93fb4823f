#include "remediator/actions/clear_steps.hpp"

#include <nlohmann/json.hpp>

#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/far_folder_clear.hpp"
#include "remediator/actions/far_plan.hpp"
#include "remediator/actions/folder_clear.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

bool is_clear_step(const core::Step& step) {
  return nlohmann::json::parse(step.wanted, nullptr, false).contains("path");
}

Status plan_clears_there(const std::vector<std::string>& folders, const ActionTools& tools,
                         const core::Target& target, core::Plan& plan,
                         const std::stop_token& stop) {
  if (folders.empty()) return {};
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far == nullptr) return plan_clears(folders, target.host, plan);
  const auto boot_id = far_boot_id(**far, stop);
  if (!boot_id) return fail(boot_id.error());
  auto clears = plan_far_clears(**far, "", folders, target.host, stop);
  if (!clears) return fail(clears.error());
  for (core::Step& step : clears->steps) plan.steps.push_back(on_boot(std::move(step), *boot_id));
  for (std::string& resource : clears->resources) plan.resources.push_back(std::move(resource));
  return {};
}

ApplyAnswer apply_clear_there(const ApplyRequest& request, const ActionTools& tools,
                              const std::stop_token& stop) {
  const auto far = planned_host(tools, request);
  if (!far) return {core::Applied::Refused, far.error().message};
  return *far == nullptr ? apply_clear(request, stop) : apply_far_clear(**far, request, stop);
}

ConfirmAnswer confirm_clear_there(const ApplyRequest& request, const ActionTools& tools,
                                  const std::stop_token& stop) {
  const auto far = planned_host(tools, request);
  if (!far) return {core::Confirmed::Unknown, far.error().message};
  return *far == nullptr ? confirm_clear(request) : confirm_far_clear(**far, request, stop);
}

}  // namespace fieldmedic

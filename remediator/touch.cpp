#include "remediator/touch.hpp"

#include <string>

#include "remediator/actions/actions.hpp"
#include "remediator/checks/checks.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kAsksPrometheus = "promql";

bool is_watched(const std::shared_ptr<const Inventory>& inventory, const core::Target& target) {
  return inventory != nullptr && inventory->group_watching(target.host) != nullptr;
}

std::string why_not(const core::Target& target) {
  return "host " + target.host +
         " is known from file_sd alone: its group does not say how it is reached";
}

}  // namespace

core::CheckAnswer ask_check(const core::Spec& spec, const core::Target& target,
                            const CheckTools& tools, const std::stop_token& stop) {
  if (spec.type != kAsksPrometheus && is_watched(tools.inventory, target))
    return {core::Verdict::Unknown, why_not(target)};
  const auto check = make_check(spec, tools);
  if (!check) return {core::Verdict::Unknown, check.error().message};
  return (*check)->run(target, stop);
}

Result<std::unique_ptr<Action>> action_on(const core::Target& target, const core::Spec& spec,
                                          const ActionTools& tools) {
  if (is_watched(tools.inventory, target)) return fail(Errc::Denied, why_not(target));
  return make_action(spec, tools);
}

}  // namespace fieldmedic

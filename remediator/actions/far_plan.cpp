#include "remediator/actions/far_plan.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace fieldmedic {

using Json = nlohmann::json;

core::Step on_boot(core::Step step, const std::string& boot_id) {
  Json seen = Json::parse(step.seen, nullptr, false);
  seen["boot_id"] = boot_id;
  step.seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace);
  return step;
}

std::string planned_boot_id(const core::Step& step) {
  const Json seen = Json::parse(step.seen, nullptr, false);
  return seen.is_object() ? seen.value("boot_id", std::string()) : std::string();
}

}  // namespace fieldmedic

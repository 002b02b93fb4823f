#include "remediator/actions/aws_scale_step.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/change_time.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr minutes kSignatureHolds{10};

}  // namespace

core::Step written(const AwsScaleStep& step) {
  const Json seen{{"group", step.group},
                  {"region", step.region},
                  {"desired", step.from},
                  {"planned_at_ms", step.planned_at.time_since_epoch().count()}};
  return {.name = fmt::format("set {} to {} instances", step.group, step.to),
          .seen = seen.dump(-1, ' ', false, Json::error_handler_t::replace),
          .wanted = Json{{"desired", step.to}}.dump()};
}

Result<AwsScaleStep> read_aws_scale_step(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    return AwsScaleStep{seen.at("group").get<std::string>(), seen.at("region").get<std::string>(),
                        seen.at("desired").get<std::int64_t>(),
                        Json::parse(step.wanted).at("desired").get<std::int64_t>(),
                        WallTime(milliseconds(seen.at("planned_at_ms").get<std::int64_t>()))};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no step of scale_out: {}", error.what()));
  }
}

bool signature_may_hold(const AwsScaleStep& step, WallTime now) {
  return now < step.planned_at + kLatestChange + kSignatureHolds;
}

}  // namespace fieldmedic

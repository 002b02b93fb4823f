#include "remediator/reach/auto_scaling_answers.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <pugixml.hpp>

#include "common/redact_text.hpp"

namespace fieldmedic {

namespace {

constexpr std::int64_t kMostInstances = 1'000'000;
constexpr std::size_t kMostSuspended = 32;
constexpr std::size_t kMostShown = 300;

// No document type, no entities but the five of XML: nothing grows.
bool parse(pugi::xml_document& document, std::string_view xml) {
  return static_cast<bool>(document.load_buffer(
      xml.data(), xml.size(), pugi::parse_minimal | pugi::parse_escapes | pugi::parse_cdata,
      pugi::encoding_utf8));
}

std::optional<std::int64_t> count_in(const pugi::xml_node& node, const char* name) {
  const std::string_view text = node.child_value(name);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_count = error == std::errc() && end == text.data() + text.size() && count >= 0 &&
                        count <= kMostInstances;
  return is_count ? std::optional(count) : std::nullopt;
}

void count_instances(const pugi::xml_node& member, ScalingGroup& group) {
  for (const pugi::xml_node& instance : member.child("Instances").children("member")) {
    const std::string_view state = instance.child_value("LifecycleState");
    const std::string_view health = instance.child_value("HealthStatus");
    if (state == "InService") ++group.in_service;
    if (state == "InService" && health == "Healthy") ++group.well;
    if (state == "Standby" || state == "EnteringStandby") ++group.standby;
  }
}

std::unexpected<Error> no_answer(std::string_view asked) {
  return fail(Errc::Malformed,
              fmt::format("{}: what came is no such answer of AWS Auto Scaling", asked));
}

bool works_now(const ScalingGroup& group, const pugi::xml_node& policy) {
  if (std::string_view(policy.child_value("Enabled")) == "false") return false;
  const std::string_view type = policy.child_value("PolicyType");
  // Alarms are heard by all but the predictive ones, which go by the time.
  return type == "PredictiveScaling" ? !group.suspends("ScheduledActions")
                                     : !group.suspends("AlarmNotification");
}

}  // namespace

std::string ScalingGroup::text() const {
  std::string text =
      fmt::format("{} desired ({} to {}), {} in service and healthy", desired, min, max, well);
  if (standby > 0) text += fmt::format(", {} in standby", standby);
  if (!suspended.empty()) text += fmt::format("; suspended: {}", fmt::join(suspended, ", "));
  return text;
}

bool ScalingGroup::suspends(std::string_view process) const {
  return std::ranges::find(suspended, process) != suspended.end();
}

Result<ScalingGroup> read_scaling_group(std::string_view name, std::string_view xml) {
  const std::string asked = fmt::format("describe {}", name);
  pugi::xml_document document;
  if (!parse(document, xml)) return no_answer(asked);
  const pugi::xml_node groups = document.child("DescribeAutoScalingGroupsResponse")
                                    .child("DescribeAutoScalingGroupsResult")
                                    .child("AutoScalingGroups");
  if (!groups) return no_answer(asked);
  for (const pugi::xml_node& member : groups.children("member")) {
    if (name != member.child_value("AutoScalingGroupName")) continue;
    const auto min = count_in(member, "MinSize");
    const auto max = count_in(member, "MaxSize");
    const auto desired = count_in(member, "DesiredCapacity");
    if (!min || !max || !desired) return no_answer(asked);
    ScalingGroup group{.name = std::string(name), .min = *min, .max = *max, .desired = *desired};
    group.status = member.child_value("Status");
    count_instances(member, group);
    for (const pugi::xml_node& process : member.child("SuspendedProcesses").children("member"))
      if (group.suspended.size() < kMostSuspended)
        group.suspended.emplace_back(process.child_value("ProcessName"));
    return group;
  }
  return fail(Errc::NotFound,
              fmt::format("there is no Auto Scaling group {} in this account and region", name));
}

Result<std::string> read_policy_at_work(const ScalingGroup& group, std::string_view xml) {
  const std::string asked = fmt::format("describe the policies of {}", group.name);
  pugi::xml_document document;
  if (!parse(document, xml)) return no_answer(asked);
  const pugi::xml_node result =
      document.child("DescribePoliciesResponse").child("DescribePoliciesResult");
  if (!result) return no_answer(asked);
  for (const pugi::xml_node& policy : result.child("ScalingPolicies").children("member"))
    if (works_now(group, policy)) return std::string(policy.child_value("PolicyName"));
  if (!std::string_view(result.child_value("NextToken")).empty())
    return fail(Errc::TooLarge, asked + ": there are too many to look at");
  return std::string();
}

Result<std::string> read_newest_failure(const ScalingGroup& group, std::string_view xml) {
  const std::string asked = fmt::format("describe the activities of {}", group.name);
  pugi::xml_document document;
  if (!parse(document, xml)) return no_answer(asked);
  const pugi::xml_node activities = document.child("DescribeScalingActivitiesResponse")
                                        .child("DescribeScalingActivitiesResult")
                                        .child("Activities");
  if (!activities) return no_answer(asked);
  const pugi::xml_node newest = activities.child("member");
  if (std::string_view(newest.child_value("StatusCode")) != "Failed") return std::string();
  return shown_line(newest.child_value("StatusMessage"), kMostShown);
}

bool is_aws_answer(std::string_view kind, std::string_view xml) {
  pugi::xml_document document;
  return parse(document, xml) && kind == document.document_element().name();
}

}  // namespace fieldmedic

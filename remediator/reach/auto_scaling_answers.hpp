// What AWS Auto Scaling answers: XML, of which no more than is needed is read. Pure.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct ScalingGroup {
  std::string name{};
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t desired = 0;
  std::int64_t well = 0;                 // InService and Healthy
  std::int64_t in_service = 0;           // InService
  std::int64_t standby = 0;              // taken out by somebody; they do not count as desired
  std::vector<std::string> suspended{};  // processes: "Launch"
  std::string status{};                  // "Delete in progress"; empty: it is there

  // "3 desired (1 to 4), 2 in service and healthy, 1 in standby; suspended: Launch"
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool suspends(std::string_view process) const;
};

// Of an answer to DescribeAutoScalingGroups. NotFound: there is no such group. Malformed: it is no
// such answer, or a count is missing.
[[nodiscard]] Result<ScalingGroup> read_scaling_group(std::string_view name, std::string_view xml);

// The policy by which the group scales itself, of an answer to DescribePolicies; empty: none does.
[[nodiscard]] Result<std::string> read_policy_at_work(const ScalingGroup& group,
                                                      std::string_view xml);

// Why the newest of its activities failed, in AWS' words, of an answer to
// DescribeScalingActivities; empty: it did not.
[[nodiscard]] Result<std::string> read_newest_failure(const ScalingGroup& group,
                                                      std::string_view xml);

// Whether the answer is of this kind: "SetDesiredCapacityResponse".
[[nodiscard]] bool is_aws_answer(std::string_view kind, std::string_view xml);

}  // namespace fieldmedic

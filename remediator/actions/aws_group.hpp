// Which Auto Scaling group scale_out changes, as read and as journaled. Internal to actions/.
#pragma once

#include <string>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/reach/auto_scaling.hpp"

namespace fieldmedic {

// Of its credentials the file's path only.
struct AwsGroup {
  std::string name;
  AutoScalingAccess access;
};

// {name, region, credentials_file, profile, instance_role, endpoint, ca_file}. Records every error
// at its key.
[[nodiscard]] AwsGroup read_aws_group(const YamlMap& map);

// Canonical JSON, and back. Errc::Invalid when it does not fit, or holds what reading refuses.
[[nodiscard]] std::string aws_group_json(const AwsGroup& group);
[[nodiscard]] Result<AwsGroup> parse_aws_group(const std::string& json);

}  // namespace fieldmedic

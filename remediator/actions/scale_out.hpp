// scale_out {unit: orders@.service, max: 4, step: 1}, or {container: orders, max: 4}: starts
// further instances of a collector for a time, of a template of systemd, as clones of a container,
// by the replicas of a Kubernetes workload ({kubernetes: {kind: deployment, name: orders}}), or by
// an Auto Scaling group of AWS ({auto_scaling_group: {name: orders, region: cn-north-1}}).
// Temporary (S14): nobody ends it while the remediator is away, and its undo takes back exactly the
// instances that the plan named.
//
// The plan holds the absolute count and each instance by its name, so that nothing is started twice
// and a plan made again after a crash goes no further (scale_choice.hpp). Its steps:
// scale_step.hpp; of replicas and groups, one to the count: replica_scale.hpp, aws_scale.hpp.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_scale_out(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_scale_out(const std::string& arguments,
                                                             const ActionTools& tools);

}  // namespace fieldmedic

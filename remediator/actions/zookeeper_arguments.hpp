// How ZooKeeper is reached, in the arguments of an action. Internal to actions/.
#pragma once

#include <string>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

// `servers`, `user` and `password_file` of a mapping that may hold more, recording every error.
[[nodiscard]] ZookeeperAccess read_zookeeper_access(const YamlMap& map);

// JSON without secrets, and back. Errc::Invalid when it does not fit.
[[nodiscard]] std::string to_json(const ZookeeperAccess& access);
[[nodiscard]] Result<ZookeeperAccess> parse_zookeeper_access(const std::string& json);

}  // namespace fieldmedic

// How etcd is reached, in the arguments of an action. Internal to actions/.
#pragma once

#include <cstddef>

#include "common/yaml_reader.hpp"
#include "remediator/reach/etcd.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostEtcdMembers = 9;

// `urls`, `ca_file`, `cert_file`, `key_file`, `user` and `password_file` of a mapping that may hold
// more, recording every error.
[[nodiscard]] EtcdAccess read_etcd_access(const YamlMap& map);

}  // namespace fieldmedic

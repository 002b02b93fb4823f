// Points collection at a spare store for a time (S14), in one of the ways in which collectors are
// told where they write: a symbolic link (store_divert.hpp), a file (file_divert.hpp), or a key in
// etcd or ZooKeeper (key_divert.hpp). Nobody ends it while the remediator is away.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

enum class DivertWay { Link, File, Key };

[[nodiscard]] std::string read_data_divert(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_data_divert(const std::string& arguments,
                                                               const ActionTools& tools);

[[nodiscard]] DivertWay divert_way(const std::string& arguments);

}  // namespace fieldmedic

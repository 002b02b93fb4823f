// A node in ZooKeeper that somebody holds by a session: gone, the session has ended. Internal to
// actions/.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/absence.hpp"
#include "remediator/reach/zookeeper.hpp"

namespace fieldmedic {

// Texts are templates until they are filled.
struct HeldNode {
  ZookeeperAccess access;
  // "/orders/leader"; with "*" at its end every child whose name begins so: "/orders/election/*".
  std::string node;
  std::string holder;  // with "*": of those, the ones whose data are this; empty: all
};

// Recording every error.
[[nodiscard]] HeldNode read_held_node(const YamlMap& map);
[[nodiscard]] std::string to_json(const HeldNode& held);
[[nodiscard]] Result<HeldNode> parse_held_node(const std::string& json);

// Asks once, of one that is filled. A node that is not ephemeral proves nothing, nor does one whose
// parent is not there. `program`: of ZookeeperSession::open.
[[nodiscard]] AbsenceAnswer ask_held_node(const HeldNode& held,
                                          const std::filesystem::path& program,
                                          std::chrono::milliseconds timeout,
                                          const std::stop_token& stop);

}  // namespace fieldmedic

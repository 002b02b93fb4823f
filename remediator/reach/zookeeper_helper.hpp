// The process that asks ZooKeeper for the remediator: its own program, started with one argument
// for one session. A server that breaks the protocol ends this process, and nobody else.
#pragma once

#include <string_view>

namespace fieldmedic {

inline constexpr std::string_view kZookeeperHelperVerb = "--zookeeper-helper";

// Answers the questions that come in on descriptor 0 (zookeeper_wire.hpp), one after the other,
// until it closes or the thread that started us ends; then ends the process, and does not return.
[[noreturn]] void run_zookeeper_helper();

}  // namespace fieldmedic

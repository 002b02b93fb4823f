// Whether a command for another host is one that is killed over there, after our own deadline.
#pragma once

#include <chrono>
#include <string>

#include "common/process_runner.hpp"

namespace fieldmedic {

inline bool is_killed_in_time(const Command& command) {
  const auto most = std::chrono::ceil<std::chrono::seconds>(command.timeout).count() + 1;
  return command.argv.size() > 4 && command.argv[0] == "timeout" && command.argv[1] == "-s" &&
         command.argv[2] == "KILL" && command.argv[3] == std::to_string(most);
}

}  // namespace fieldmedic

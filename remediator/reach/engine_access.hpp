// Where a container engine is asked.
#pragma once

#include <string>

#include "common/server_access.hpp"

namespace fieldmedic {

// One of the two. Holds secrets.
struct EngineAccess {
  std::string socket = {};   // path of the Unix socket of this machine's engine
  ServerAccess server = {};  // an engine that listens on TCP, by https only
};

}  // namespace fieldmedic

// What the deciding reads of the configuration, besides the playbook that comes with an alert.
// Always the newest (S20): guards, sizes and receivers are not pinned.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "remediator/core/guard_limits.hpp"

namespace fieldmedic::core {

struct ReceiverPolicy {
  enum class Send { All, First };
  Send send = Send::All;
  std::uint32_t channels = 0;
};

struct Policy {
  GuardLimits guards;
  std::map<std::string, int, std::less<>> group_sizes;  // hosts, by group
  int fleet_size = 0;                                   // hosts
  std::map<std::string, ReceiverPolicy, std::less<>> receivers;
  std::string self_receiver;        // who hears of the remediator's own troubles; empty: nobody
  bool alertmanager_known = false;  // lost content can be asked back
};

}  // namespace fieldmedic::core

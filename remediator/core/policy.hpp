// What the deciding reads of the configuration, besides the playbook that comes with an alert.
// Always the newest (S20): guards, sizes and receivers are not pinned.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "remediator/core/guard_limits.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/wide_fault.hpp"
#include "remediator/core/window.hpp"

namespace fieldmedic::core {

struct ReceiverPolicy {
  enum class Send { All, First };
  Send send = Send::All;
  std::uint32_t channels = 0;
};

// What of a playbook is not pinned: brakes and people.
struct LivePlaybook {
  Mode mode = Mode::Act;
  Limits limits;
  std::vector<std::string> receivers;
  std::set<std::string, std::less<>> may_touch{};  // protected hosts that it may touch as a whole
};

struct Policy {
  GuardLimits guards;
  std::map<std::string, int, std::less<>> group_sizes;         // hosts, by group
  std::map<std::string, LivePlaybook, std::less<>> playbooks;  // by name
  std::set<std::string, std::less<>> targets;                  // key_of every target there is
  // Both by key_of(target), direct ones only: what it depends on, and what depends on it. Acyclic.
  std::map<std::string, std::vector<std::string>, std::less<>> upstream;
  std::map<std::string, std::vector<std::string>, std::less<>> downstream;
  std::map<std::string, GroupScope, std::less<>> scopes;  // by group; absent: not declared
  int fleet_size = 0;                                     // hosts
  std::vector<Window> windows;                            // nothing is done inside
  bool kill_switch = false;                               // act on nothing
  std::set<std::string, std::less<>> protected_hosts;     // S12
  std::map<std::string, ReceiverPolicy, std::less<>> receivers;
  std::vector<std::string> self_receivers;  // who hears of the remediator's own troubles
  bool alertmanager_known = false;          // lost content can be asked back
  // S7: tiers beyond the mildest wait so long after an incident opened; 0: they do not.
  Duration correlation_window{0};
  Duration watchdog_within{0};  // the Watchdog alert must come this often; 0: it is not expected
};

}  // namespace fieldmedic::core

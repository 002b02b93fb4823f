// How a group is, as Prometheus says: what the guards ask that the journal does not hold (S9).
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace fieldmedic::core {

// Which members of one group are well, by a fresh sample each. One without a sample is not (S9).
struct GroupHealth {
  std::map<std::string, std::set<std::string>, std::less<>> well;  // hosts, by collector
  std::size_t samples = 0;                                         // of the group, well or not

  friend bool operator==(const GroupHealth&, const GroupHealth&) = default;
};

}  // namespace fieldmedic::core

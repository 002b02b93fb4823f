// The commands of ip(8) by which a switch is made and put back on a host over SSH.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/route_switch.hpp"
#include "remediator/reach/ssh_access.hpp"

namespace fieldmedic {

// One change over there and what it is known by. Pure.
struct FarSwitch {
  std::vector<std::string> make;
  std::vector<std::string> put_back;
  std::vector<std::string> look;  // prints something while ours is there
  std::string looks_like;         // what it prints then, one space between words; empty: anything
};
// Errc::Conflict: the route that was found says more than ip(8) could put back exactly. Invalid.
[[nodiscard]] Result<FarSwitch> far_switch(const RouteSwitch& planned, AsRoot as_root);

}  // namespace fieldmedic

// The arguments of link_switch: from the configuration, and back from what was read. Internal to
// actions/.
#pragma once

#include <cstdint>
#include <string>

#include "common/result.hpp"
#include "remediator/actions/link_steps.hpp"
#include "remediator/reach/route_switch.hpp"

namespace fieldmedic {

struct LinkArguments {
  RouteWay way;  // of Bond: the slave
  SwitchBy by = SwitchBy::Metric;
  LinkProof proof;
  std::uint32_t table = 0;  // of Rule, as the next
  std::uint32_t priority = 20'000;
  std::string bond{};  // of Bond
};

// Of what read_link_switch (link_switch.hpp) answered. Errc::Invalid.
[[nodiscard]] Result<LinkArguments> parse_link_arguments(const std::string& text);

}  // namespace fieldmedic

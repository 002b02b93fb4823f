// The steps of link_switch: make the switch, and put it back. Internal to actions/.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"
#include "remediator/reach/route_switch.hpp"

namespace fieldmedic {

// What must be true for a switch to stay.
struct LinkProof {
  std::string probe;               // "IPv4:PORT" that answers over the new link
  std::vector<std::string> keeps;  // and what the remediator itself must reach
  std::chrono::milliseconds dead_man{60'000};
  std::string over{};  // the interface that is asked over; empty: the one that is to carry
};

enum class LinkDeed { Switch, PutBack };

[[nodiscard]] core::Step link_step(LinkDeed deed, const RouteSwitch& planned,
                                   const std::string& carrying);
struct LinkOrder {
  LinkDeed deed = LinkDeed::Switch;
  RouteSwitch planned;
};
// Of a step that link_step made. Errc::Invalid.
[[nodiscard]] Result<LinkOrder> link_order(const core::Step& step);
[[nodiscard]] Result<RouteSwitch> switch_of(const core::Step& step);

// `self` is this program, which is also the dead man's.
[[nodiscard]] ApplyAnswer apply_link_step(const ApplyRequest& request, const LinkProof& proof,
                                          const std::filesystem::path& self,
                                          const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_link_step(const ApplyRequest& request, const LinkProof& proof,
                                              const std::stop_token& stop);

}  // namespace fieldmedic

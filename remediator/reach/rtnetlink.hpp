// One question or order to the kernel by rtnetlink(7). Internal to reach/.
//
// Sees the network namespace of the calling thread. Each call opens its socket and waits two
// seconds for the kernel at most. Errors: Errc::Denied (a change wants CAP_NET_ADMIN), Conflict (it
// is there already, or is not there any more), Invalid, Unavailable, TooLarge (more than is looked
// through).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/result.hpp"

struct nlmsghdr;

namespace fieldmedic {

using RtnetlinkRequest = std::array<char, 4096>;

// Begins a request in `buffer`; `flags` beside NLM_F_REQUEST.
[[nodiscard]] nlmsghdr* begin_rtnetlink(RtnetlinkRequest& buffer, std::uint16_t type, int flags);

// Sends it and hands each message of the answer to `use`, which answers a value of libmnl's
// MNL_CB_*; null: the answer is a word of done or failed. `doing`: "routes: add", for errors.
[[nodiscard]] Status ask_rtnetlink(nlmsghdr* head, std::string_view doing,
                                   int (*use)(const nlmsghdr* message, void* data), void* data);

}  // namespace fieldmedic

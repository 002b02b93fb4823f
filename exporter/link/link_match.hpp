// To which link a connection belongs, whether a link is up, and which carries the default route.
// Pure: what the routing table says comes as an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "exporter/link/link_config.hpp"
#include "exporter/netlink/inet_diag.hpp"
#include "exporter/netlink/routing_table.hpp"

namespace fieldmedic {

// The index of the interface by which the kernel sends from one address to another; empty: by none.
using WayOut =
    std::function<std::optional<std::uint32_t>(const IpAddress& from, const IpAddress& to)>;

inline constexpr std::size_t kNoLink = std::numeric_limits<std::size_t>::max();

// The place of the first link that matches, or kNoLink. `way_out` is asked at most once, and only
// when an interface link comes in question.
[[nodiscard]] std::size_t link_of(const InetSocket& socket, const std::vector<LinkConfig>& links,
                                  const RoutingView& view, const WayOut& way_out);

// Whether traffic can leave by it: an interface that is operational; a source address that lies on
// one; a peer network with a route over one. What is not there is not up.
[[nodiscard]] bool is_up(const LinkConfig& link, const RoutingView& view, const WayOut& way_out);

// Whether the best usable default route of IPv4 or of IPv6 (the lowest metric) leaves by the
// interface, takes the source address (for IPv6: the address lies on its interface, since the
// kernel chooses anew for each peer), or has its gateway in the peer network.
[[nodiscard]] bool carries_default_route(const LinkConfig& link, const RoutingView& view);

}  // namespace fieldmedic

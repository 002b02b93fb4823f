#include "exporter/link/link_match.hpp"

#include <algorithm>

namespace fieldmedic {
namespace {

const NetworkInterface* find_interface(const RoutingView& view, std::string_view name) {
  const auto found = std::ranges::find(view.interfaces, name, &NetworkInterface::name);
  return found == view.interfaces.end() ? nullptr : &*found;
}

bool is_operational(const RoutingView& view, std::uint32_t index) {
  const auto found = std::ranges::find(view.interfaces, index, &NetworkInterface::index);
  return found != view.interfaces.end() && found->operational;
}

bool is_alive(const RouteHop& hop) {
  return !hop.dead;
}

bool is_usable(const IpRoute& route) {
  return route.usable && std::ranges::any_of(route.hops, is_alive);
}

// Of the routes with the lowest metric: IPv6 has several instead of one with several hops.
std::vector<const IpRoute*> best_default_routes(const RoutingView& view, IpFamily family) {
  std::vector<const IpRoute*> best;
  for (const auto& route : view.default_routes) {
    if (route.family != family || !is_usable(route)) continue;
    if (!best.empty() && route.metric < best.front()->metric) best.clear();
    if (best.empty() || route.metric == best.front()->metric) best.push_back(&route);
  }
  return best;
}

// The address that the kernel gives a connection over the hop when the route names none: one of the
// gateway's network, or the interface's first (inet_select_addr of the kernel's devinet.c).
std::optional<IpAddress> chosen_source(const RoutingView& view, const RouteHop& hop) {
  std::optional<IpAddress> first;
  for (const auto& one : view.addresses) {
    if (one.interface != hop.interface || one.address.family != IpFamily::V4) continue;
    if (!first) first = one.address;
    if (!hop.gateway) break;
    if (network_of(one.address, one.prefix).holds(*hop.gateway)) return one.address;
  }
  return first;
}

bool takes_source(const RoutingView& view, const IpRoute& route, const RouteHop& hop,
                  const IpAddress& source) {
  if (source.family != route.family) return false;
  if (route.source) return *route.source == source;
  if (route.family == IpFamily::V4) return chosen_source(view, hop) == source;
  return std::ranges::any_of(view.addresses, [&](const InterfaceAddress& one) {
    return one.interface == hop.interface && one.address == source;
  });
}

struct CarriesHop {
  const RoutingView& view;
  const IpRoute& route;
  const RouteHop& hop;

  bool operator()(const InterfaceLink& link) const {
    const auto* interface = find_interface(view, link.interface);
    return interface != nullptr && interface->index == hop.interface;
  }
  bool operator()(const SourceLink& link) const {
    return takes_source(view, route, hop, link.address);
  }
  bool operator()(const PeerLink& link) const {
    return hop.gateway && link.network.holds(*hop.gateway);
  }
};

struct IsUp {
  const RoutingView& view;
  const WayOut& way_out;

  bool operator()(const InterfaceLink& link) const {
    const auto* interface = find_interface(view, link.interface);
    return interface != nullptr && interface->operational;
  }
  bool operator()(const SourceLink& link) const {
    return std::ranges::any_of(view.addresses, [&](const InterfaceAddress& one) {
      return one.address == link.address && is_operational(view, one.interface);
    });
  }
  bool operator()(const PeerLink& link) const {
    const IpAddress any{.family = link.network.address.family, .bytes = {}};
    const auto way = way_out(any, link.network.some_host());
    return way && is_operational(view, *way);
  }
};

}  // namespace

std::size_t link_of(const InetSocket& socket, const std::vector<LinkConfig>& links,
                    const RoutingView& view, const WayOut& way_out) {
  std::optional<std::uint32_t> way;
  bool asked = false;
  for (std::size_t place = 0; place < links.size(); ++place) {
    const auto& matches = links[place].matches;
    if (const auto* source = std::get_if<SourceLink>(&matches)) {
      if (source->address == socket.local) return place;
    } else if (const auto* peer = std::get_if<PeerLink>(&matches)) {
      if (peer->network.holds(socket.peer)) return place;
    } else if (const auto* wanted = std::get_if<InterfaceLink>(&matches)) {
      if (!asked) {
        way = socket.interface != 0 ? std::optional(socket.interface)
                                    : way_out(socket.local, socket.peer);
      }
      asked = true;
      const auto* interface = find_interface(view, wanted->interface);
      if (way && interface != nullptr && interface->index == *way) return place;
    }
  }
  return kNoLink;
}

bool is_up(const LinkConfig& link, const RoutingView& view, const WayOut& way_out) {
  return std::visit(IsUp{view, way_out}, link.matches);
}

bool carries_default_route(const LinkConfig& link, const RoutingView& view) {
  for (const auto family : {IpFamily::V4, IpFamily::V6}) {
    for (const auto* route : best_default_routes(view, family)) {
      for (const auto& hop : route->hops) {
        if (is_alive(hop) && std::visit(CarriesHop{view, *route, hop}, link.matches)) return true;
      }
    }
  }
  return false;
}

}  // namespace fieldmedic

// Questions to the kernel about its interfaces, addresses and routes, and the news that they
// changed. Protocol: rtnetlink(7).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/result.hpp"
#include "exporter/netlink/netlink_socket.hpp"
#include "exporter/netlink/routing_message.hpp"

namespace fieldmedic {

// As it was when asked.
struct RoutingView {
  std::vector<NetworkInterface> interfaces;
  std::vector<InterfaceAddress> addresses;
  std::vector<IpRoute> default_routes;  // of the main table
};

// Opens its socket when first asked and keeps it. Not thread-safe.
class RoutingTable {
 public:
  // Errors as NetlinkSocket::ask(); Errc::Conflict only when it changed at each of several tries.
  [[nodiscard]] Result<RoutingView> read();

  // By which interface the kernel would send to `to` now, from `from` unless that is a wildcard.
  // Obeys policy routing, but for marks. Empty: by none, or it does not say.
  [[nodiscard]] std::optional<std::uint32_t> way_out(const IpAddress& from, const IpAddress& to);

 private:
  [[nodiscard]] Result<NetlinkSocket*> open();
  [[nodiscard]] Result<RoutingView> read_once();
  [[nodiscard]] Status dump(std::uint16_t type, const std::function<Status(ByteView)>& use);

  std::optional<NetlinkSocket> socket_;
};

// Not thread-safe; descriptor() may be polled by another thread.
class RoutingChanges {
 public:
  [[nodiscard]] static Result<RoutingChanges> subscribe();

  // Whether a route, rule, address or interface changed since the last call, or news of it may be
  // lost. Errors: the subscription is broken.
  [[nodiscard]] Result<bool> any();

  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }

 private:
  explicit RoutingChanges(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
};

}  // namespace fieldmedic

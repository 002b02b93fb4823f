#include "exporter/netlink/connection_ends.hpp"

#include <linux/sock_diag.h>

#include <utility>

namespace fieldmedic {
namespace {

constexpr int kMostAtOnce = 16384;

constexpr std::uint32_t group(unsigned number) {
  return 1U << (number - 1);
}

}  // namespace

Result<ConnectionEnds> ConnectionEnds::subscribe(std::size_t room) {
  auto socket =
      NetlinkSocket::open(NetlinkSocket::Protocol::SocketDiagnosis,
                          group(SKNLGRP_INET_TCP_DESTROY) | group(SKNLGRP_INET6_TCP_DESTROY));
  if (!socket) return wrap(std::move(socket.error()), "events of ended connections");
  socket->reserve_room(room);
  return ConnectionEnds(std::move(*socket));
}

Result<ConnectionEnds::Read> ConnectionEnds::read(
    const std::function<void(const InetSocket&)>& use) {
  Read result;
  for (int datagrams = 0; datagrams < kMostAtOnce; ++datagrams) {
    auto datagram = socket_.receive();
    if (!datagram && datagram.error().code == Errc::Full) continue;  // counted below
    if (!datagram) return wrap(std::move(datagram.error()), "events of ended connections");
    if (datagram->empty()) break;
    while (!datagram->empty()) {
      const auto message = take_message(*datagram);
      if (!message) return fail(message.error());
      if (message->type != SOCK_DIAG_BY_FAMILY) continue;
      const auto socket = parse_inet_diag(message->payload);
      if (!socket) return fail(socket.error());
      ++result.events;
      use(*socket);
    }
  }
  // The kernel says once that it drops, and goes on dropping until all is read: its count is asked.
  const auto dropped = socket_.dropped();
  if (!dropped) return fail(dropped.error());
  result.lost = *dropped - std::exchange(dropped_, *dropped);
  return result;
}

}  // namespace fieldmedic

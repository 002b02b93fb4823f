// Addresses a collector is expected to listen on, and whether a listening socket serves one.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/result.hpp"
#include "exporter/netlink/ip_address.hpp"

namespace fieldmedic {

struct ListenAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// A socket in state LISTEN.
struct Listener {
  ListenAddress address;
  bool v6_only = false;  // IPV6_V6ONLY: a wildcard V6 socket that does not take V4

  // A wildcard socket serves every address of its family, a V6 one V4 too.
  [[nodiscard]] bool serves(const ListenAddress& wanted) const;
};

// "127.0.0.1:5514", "[::1]:5514"; no names, since a scrape must not wait for a resolver. IPv4 in
// IPv6 ([::ffff:10.0.0.1]:80) is taken as IPv4. Errc::Invalid.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace fieldmedic

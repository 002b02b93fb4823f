// IP addresses and networks as the kernel's messages hold them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

enum class IpFamily : std::uint8_t { V4, V6 };

struct IpAddress {
  IpFamily family = IpFamily::V4;
  std::array<std::uint8_t, 16> bytes{};  // network order; the first 4 for V4, the rest 0

  // 0.0.0.0 or ::
  [[nodiscard]] bool wildcard() const { return bytes == std::array<std::uint8_t, 16>{}; }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

struct IpAddressHash {
  [[nodiscard]] std::size_t operator()(const IpAddress& address) const;
};

// How many bytes an address of the family has.
[[nodiscard]] constexpr std::size_t size_of(IpFamily family) {
  return family == IpFamily::V6 ? 16 : 4;
}

// The first 4 or 16 of `bytes`, which holds at least as many. ::ffff:a.b.c.d, the kernel's way to
// show a V4 address of a V6 socket, is taken as V4.
[[nodiscard]] IpAddress ip_address(IpFamily family, std::span<const std::byte> bytes);

// A number: "10.0.0.1", "2001:db8::1"; ::ffff:10.0.0.1 is taken as V4. Errc::Invalid.
[[nodiscard]] Result<IpAddress> parse_ip_address(std::string_view text);

struct IpNetwork {
  IpAddress address;    // the first of the network
  unsigned prefix = 0;  // bits that all its addresses share

  [[nodiscard]] bool holds(const IpAddress& one) const;
  // An address in it that a host may have: the second, or the only one.
  [[nodiscard]] IpAddress some_host() const;
  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

// The network of that many bits that the address lies in.
[[nodiscard]] IpNetwork network_of(const IpAddress& address, unsigned prefix);

// "10.9.0.0/16", "2001:db8::/32"; an address alone is a network of one. Errc::Invalid, also when
// bits behind the prefix are set: then it is not plain which network was meant.
[[nodiscard]] Result<IpNetwork> parse_ip_network(std::string_view text);

}  // namespace fieldmedic

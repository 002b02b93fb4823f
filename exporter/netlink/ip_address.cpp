#include "exporter/netlink/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress without_v4_mapping(const IpAddress& address) {
  if (address.family != IpFamily::V6 ||
      !std::equal(kV4Mapped.begin(), kV4Mapped.end(), address.bytes.begin())) {
    return address;
  }
  IpAddress v4;
  std::copy(address.bytes.begin() + kV4Mapped.size(), address.bytes.end(), v4.bytes.begin());
  return v4;
}

// Only the first `prefix` bits kept.
IpAddress masked(IpAddress address, unsigned prefix) {
  for (unsigned byte = 0; byte < address.bytes.size(); ++byte) {
    const unsigned kept = std::clamp(prefix, byte * 8, byte * 8 + 8) - byte * 8;
    address.bytes[byte] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return address;
}

}  // namespace

std::size_t IpAddressHash::operator()(const IpAddress& address) const {
  const std::string_view bytes(reinterpret_cast<const char*>(address.bytes.data()),
                               size_of(address.family));
  return std::hash<std::string_view>{}(bytes);
}

IpAddress ip_address(IpFamily family, std::span<const std::byte> bytes) {
  IpAddress address{.family = family, .bytes = {}};
  std::memcpy(address.bytes.data(), bytes.data(), size_of(family));
  return without_v4_mapping(address);
}

Result<IpAddress> parse_ip_address(std::string_view text) {
  const bool v6 = text.find(':') != std::string_view::npos;
  IpAddress address{.family = v6 ? IpFamily::V6 : IpFamily::V4, .bytes = {}};
  // inet_pton stops at a NUL, which no address may hold.
  if (text.find('\0') != std::string_view::npos ||
      inet_pton(v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), address.bytes.data()) != 1) {
    return fail(Errc::Invalid, fmt::format("wants an address such as 10.0.0.1 or 2001:db8::1, "
                                           "got {}",
                                           quote(text)));
  }
  return without_v4_mapping(address);
}

IpNetwork network_of(const IpAddress& address, unsigned prefix) {
  return {.address = masked(address, prefix), .prefix = prefix};
}

bool IpNetwork::holds(const IpAddress& one) const {
  return one.family == address.family && masked(one, prefix) == address;
}

IpAddress IpNetwork::some_host() const {
  IpAddress host = address;
  const auto bits = size_of(address.family) * 8;
  if (prefix + 1 < bits) host.bytes[size_of(address.family) - 1] |= 1;
  return host;
}

Result<IpNetwork> parse_ip_network(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return fail(Errc::Invalid,
                fmt::format("wants a network such as 10.9.0.0/16 or 2001:db8::/32, got {}{}",
                            quote(text), why));
  };
  const auto slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return refuse("");
  const bool v6 = text.substr(0, slash).find(':') != std::string_view::npos;
  if (v6 && address->family == IpFamily::V4) return refuse(" (write IPv4 networks as IPv4)");
  const auto bits = static_cast<unsigned>(size_of(address->family) * 8);
  IpNetwork network{.address = *address, .prefix = bits};
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || network.prefix > bits) {
      return refuse("");
    }
  }
  if (!network.holds(*address)) return refuse(" (bits behind the prefix are set)");
  return network;
}

}  // namespace fieldmedic

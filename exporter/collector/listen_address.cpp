#include "exporter/collector/listen_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

ListenAddress without_v4_mapping(ListenAddress address) {
  if (address.family != IpFamily::V6 ||
      !std::equal(kV4Mapped.begin(), kV4Mapped.end(), address.bytes.begin())) {
    return address;
  }
  ListenAddress v4{.family = IpFamily::V4, .bytes = {}, .port = address.port};
  std::copy(address.bytes.begin() + kV4Mapped.size(), address.bytes.end(), v4.bytes.begin());
  return v4;
}

bool Listener::serves(const ListenAddress& wanted) const {
  const auto own = without_v4_mapping(address);
  if (own.port != wanted.port) return false;
  if (own.family == wanted.family) return own.wildcard() || own == wanted;
  return own.family == IpFamily::V6 && own.wildcard() && !v6_only;
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&] {
    return fail(Errc::Invalid,
                fmt::format("wants an address such as 127.0.0.1:5514 or [::1]:5514, got '{}'",
                            text.substr(0, 100)));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos) return refuse();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);

  ListenAddress address;
  const auto number = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (number.ec != std::errc{} || number.ptr != port.data() + port.size() || address.port == 0) {
    return refuse();
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host.remove_prefix(1);
    host.remove_suffix(1);
    address.family = IpFamily::V6;
  }
  const int family = address.family == IpFamily::V6 ? AF_INET6 : AF_INET;
  if (inet_pton(family, std::string(host).c_str(), address.bytes.data()) != 1) return refuse();
  return without_v4_mapping(address);
}

}  // namespace fieldmedic

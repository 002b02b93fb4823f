#include "exporter/collector/listen_address.hpp"

#include <charconv>

#include <fmt/format.h>

namespace fieldmedic {

bool Listener::serves(const ListenAddress& wanted) const {
  if (address.port != wanted.port) return false;
  if (address.ip.family == wanted.ip.family) return address.ip.wildcard() || address == wanted;
  return address.ip.family == IpFamily::V6 && address.ip.wildcard() && !v6_only;
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
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = parse_ip_address(host);
  if (!ip || bracketed != (host.find(':') != host.npos)) return refuse();
  address.ip = *ip;
  return address;
}

}  // namespace fieldmedic

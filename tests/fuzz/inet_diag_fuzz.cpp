#include <cstdlib>
#include <span>

#include "exporter/netlink/inet_diag.hpp"

using namespace fieldmedic;

// An IPv4 address has nothing behind its fourth byte: it would equal no configured one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto socket = parse_inet_diag(std::as_bytes(std::span(data, size)));
  if (!socket) return 0;
  for (const auto& address : {socket->local, socket->peer}) {
    if (address.family == IpFamily::V6) continue;
    for (std::size_t i = 4; i < address.bytes.size(); ++i) {
      if (address.bytes[i] != 0) std::abort();
    }
  }
  return 0;
}

#include <cstdlib>
#include <span>

#include "exporter/netlink/message.hpp"
#include "exporter/netlink/routing_message.hpp"

using namespace fieldmedic;

// A datagram as the kernel sends it, each of its messages read as all that it may be. What is
// handed over lies within the datagram.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto datagram = std::as_bytes(std::span(data, size));
  const auto use = [&](const NetlinkMessage& message) -> Status {
    const auto* begin = message.payload.data();
    if (begin < datagram.data() || message.payload.size() > size ||
        begin + message.payload.size() > datagram.data() + size) {
      std::abort();
    }
    if (const auto interface = parse_interface(message.payload);
        interface && interface->name.size() > 16) {
      std::abort();
    }
    if (const auto address = parse_interface_address(message.payload);
        address && address->address.family == IpFamily::V4 && address->address.bytes[4] != 0) {
      std::abort();
    }
    static_cast<void>(parse_route(message.payload));
    return {};
  };
  static_cast<void>(read_answer(datagram, 7, use));
  return 0;
}

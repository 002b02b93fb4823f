#include <cstdlib>

#include "exporter/netlink/ip_address.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// A network holds its own first address and the host that stands for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto network = parse_ip_network(fuzz::text(data, size));
  if (!network) return 0;
  if (!network->holds(network->address) || !network->holds(network->some_host())) std::abort();
  if (network_of(network->some_host(), network->prefix) != *network) std::abort();
  return 0;
}

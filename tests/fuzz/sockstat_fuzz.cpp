#include <cstdlib>

#include "exporter/host/sockstat.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto counts = parse_sockstat(fuzz::text(data, size));
  if (!counts) return 0;
  for (const auto& count : *counts) {
    // Both become parts of a metric's name.
    if (count.protocol.empty() || count.field.empty()) std::abort();
  }
  return 0;
}

#include "exporter/host/time.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)parse_clock_sources(fuzz::text(data, size));
  return 0;
}

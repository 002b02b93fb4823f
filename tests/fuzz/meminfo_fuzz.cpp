#include "exporter/host/meminfo.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)parse_meminfo(fuzz::text(data, size));
  return 0;
}

#include "exporter/host/stat.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)parse_kernel_stat(fuzz::text(data, size));
  return 0;
}

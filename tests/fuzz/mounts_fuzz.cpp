#include "exporter/host/mount_table.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)parse_mounts(fuzz::text(data, size));
  return 0;
}

#include <cstdlib>

#include "common/process_table.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (parse_pid_file(fuzz::text(data, size)) < 0) std::abort();
  return 0;
}

#include <cstdlib>

#include "common/duration.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// What is read is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto duration = parse_duration(fuzz::text(data, size));
  if (duration && parse_duration(format_duration(*duration)) != *duration) std::abort();
  return 0;
}

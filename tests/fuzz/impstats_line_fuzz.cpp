#include <cmath>
#include <cstdlib>

#include "exporter/collector/impstats_line.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// A counter that is taken is a number.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = parse_impstats_line(fuzz::text(data, size));
  if (!line) return 0;
  for (const auto& counter : {line->processed, line->failed, line->size, line->discarded}) {
    if (counter && std::isnan(*counter)) std::abort();
  }
  return 0;
}

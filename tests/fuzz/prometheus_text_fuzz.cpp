#include <cstdlib>

#include "common/prometheus_text.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_prometheus_text(fuzz::text(data, size));
  if (!parsed) return 0;
  std::size_t metrics = 0;
  for (const auto& family : parsed->families) {
    if (family.name.empty() || family.metric.empty()) std::abort();
    metrics += family.metric.size();
  }
  if (metrics > kMostTextSamples) std::abort();
  return 0;
}

#include <cstdlib>

#include "exporter/collector/drift_baseline.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// Whatever is taken is an absolute path with a digest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto digests = parse_sha256_baseline(fuzz::text(data, size), "/etc/fieldmedic");
  if (!digests) return 0;
  for (const auto& [path, digest] : *digests) {
    if (!path.starts_with('/') || parse_sha256(digest) != digest) std::abort();
  }
  return 0;
}

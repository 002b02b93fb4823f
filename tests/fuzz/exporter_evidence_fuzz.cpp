#include "remediator/exporter_evidence.hpp"
#include "tests/fuzz/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(fieldmedic::summary_of(fieldmedic::fuzz::text(data, size)));
  return 0;
}

#include <cstdlib>

#include "exporter/files/file_wire.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// What the file helper takes from the exporter: good by check(), and encoded as it came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = fuzz::text(data, size);
  const auto numbered = decode_request(message);
  if (numbered && (!check(numbered->request) || encode(*numbered) != message)) std::abort();
  return 0;
}

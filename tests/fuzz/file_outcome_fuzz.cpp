#include <cstdlib>

#include "exporter/files/file_wire.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// What the exporter takes from its file helper: put into words whatever the error is, and the same
// again when it is encoded once more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto numbered = decode_outcome(fuzz::text(data, size));
  if (!numbered) return 0;
  const auto message = encode(*numbered);
  const auto again = decode_outcome(message);
  if (!again || encode(*again) != message) std::abort();
  const FileRequest request{.verb = FileVerb::Read, .path = "/a"};
  const auto result = to_result(request, numbered->outcome);
  if (result.has_value() != (numbered->outcome.error == 0)) std::abort();
  return 0;
}

#include <algorithm>
#include <cstdlib>

#include "exporter/collector/log_stacks.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// Never more messages than lines, and what is shown of a stack is bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  const auto recent = find_stacks(text, kDiagnosedLines, SeverityRules());
  if (recent.lines > kDiagnosedLines || recent.errors > recent.lines) std::abort();
  if (recent.stacks > recent.lines || recent.last.size() > 2048) std::abort();
  return 0;
}

// Also: what comes out is bounded UTF-8 that no terminal obeys.
#include <cstdlib>

#include "common/redact_text.hpp"
#include "common/utf8.hpp"
#include "tests/fuzz/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 200;
  const auto line = fieldmedic::shown_line(fieldmedic::fuzz::text(data, size), kMost);
  if (line.size() > kMost) std::abort();
  for (std::string_view rest = line; !rest.empty();) {
    const auto length = fieldmedic::utf8_sequence_length(rest);
    const bool control = static_cast<unsigned char>(rest.front()) < ' ' || rest.front() == '\x7f';
    if (length == 0 || control) std::abort();
    rest.remove_prefix(length);
  }
  return 0;
}

// A snapshot's text, and what is read of it written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "remediator/journal/state_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fieldmedic;
  const auto state = decode_state({reinterpret_cast<const char*>(data), size});
  if (!state) return 0;
  const std::string text = encode_state(*state);
  const auto again = decode_state(text);
  if (!again || encode_state(*again) != text) std::abort();
  return 0;
}

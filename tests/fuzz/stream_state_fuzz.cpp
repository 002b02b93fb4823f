#include <cstdlib>

#include <fmt/format.h>

#include "exporter/collector/stream_state.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

namespace {

// The search does not find checksums: it is put in front of the body.
std::string with_checksum(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("fieldmedic-exporter-state 1 {:016x}\n{}\n", hash, body);
}

}  // namespace

// As it is, and as a body; what is taken is written as it was read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  (void)decode_states(text);
  const auto states = decode_states(with_checksum(text));
  if (!states) return 0;
  const auto again = decode_states(encode_states(*states));
  if (!again || *again != *states) std::abort();
  return 0;
}

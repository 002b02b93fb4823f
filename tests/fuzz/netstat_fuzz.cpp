#include "exporter/host/netstat.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  std::vector<NetstatLayout> known;
  // The second time on what the first has learned, then with a line missing.
  for (const auto part : {text, text, text.substr(text.find('\n') + 1)}) {
    (void)parse_netstat(
        part, known, [](std::string_view) { return true; }, [](const auto&, double) {});
  }
  return 0;
}

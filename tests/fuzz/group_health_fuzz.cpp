#include "remediator/group_health.hpp"
#include "tests/fuzz/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::set<std::string, std::less<>> hosts{"h1", "h2"};
  static_cast<void>(fieldmedic::parse_group_health(fieldmedic::fuzz::text(data, size), hosts));
  return 0;
}

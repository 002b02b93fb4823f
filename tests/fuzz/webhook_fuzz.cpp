#include "remediator/webhook_message.hpp"
#include "tests/fuzz/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(fieldmedic::parse_webhook(fieldmedic::fuzz::text(data, size)));
  return 0;
}

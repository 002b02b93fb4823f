#include "remediator/reach/docker_answers.hpp"
#include "remediator/reach/docker_log.hpp"
#include "tests/fuzz/text.hpp"

// One input as everything that the engine may answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fieldmedic;
  const auto text = fuzz::text(data, size);
  static_cast<void>(negotiate(text));
  static_cast<void>(read_container(std::string(text)));
  static_cast<void>(read_last_stop(text, "aec5", WallTime{}));
  static_cast<void>(read_message(text));
  if (demultiplex(text).size() > size) __builtin_trap();
  return 0;
}

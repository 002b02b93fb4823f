// libFuzzer's entry: the environment's FUZZ_TARGET names the target, the arguments are libFuzzer's.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/targets.hpp"

namespace {

const fieldmedic::fuzz::Target& chosen() {
  static const auto* target = [] {
    const char* name = std::getenv("FUZZ_TARGET");
    const auto* found = fieldmedic::fuzz::find_target(name == nullptr ? "" : name);
    if (found == nullptr) std::_Exit(2);
    return found;
  }();
  return *target;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  chosen();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return chosen().run(data, size);
}

#include "common/clock.hpp"
#include "remediator/config.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

// Every refusal must say where it is: a configuration is either taken or told what is wrong with
// it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempTree tree;
  static FakeHttp http;
  static const SystemClock clock;
  ConfigErrors errors;
  const auto path = tree.write("remediator.yml", fuzz::text(data, size));
  const auto config = read_remediator_config(path, {http, clock}, errors);
  if ((config == nullptr) != !errors.empty()) __builtin_trap();
  return 0;
}

#include "common/web_config.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tests/fuzz/text.hpp"

using namespace fieldmedic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempTree tree;
  static_cast<void>(read_web_config(tree.write("web.yml", fuzz::text(data, size))));
  return 0;
}

#include "tool/text_table.hpp"

#include "tests/catch.hpp"

namespace fieldmedic::tool {
namespace {

TEST_CASE("tool table: columns stand under each other, counted in characters") {
  CHECK(text_table({{"ID", "TARGET", "WHY"}, {"7", "采集器@上海", "long ago"}, {"17", "x", ""}}) ==
        "ID  TARGET  WHY\n"
        "7   采集器@上海  long ago\n"
        "17  x       \n");
  CHECK(text_table({}).empty());
}

}  // namespace
}  // namespace fieldmedic::tool

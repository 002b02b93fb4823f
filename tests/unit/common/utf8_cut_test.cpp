#include "common/utf8_cut.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("text is cut between code points") {
  CHECK(cut_utf8("a告b", 0) == "");
  CHECK(cut_utf8("a告b", 1) == "a");
  CHECK(cut_utf8("a告b", 2) == "a");
  CHECK(cut_utf8("a告b", 3) == "a");
  CHECK(cut_utf8("a告b", 4) == "a告");
  CHECK(cut_utf8("a告b", 5) == "a告b");
  CHECK(cut_utf8("a告b", 6) == "a告b");
  CHECK(cut_utf8("😀😀", 7) == "😀");
  CHECK(cut_utf8("", 3) == "");
  CHECK(cut_utf8(repeated("告", 1365), 4096).size() == 4095);
  CHECK(cut_utf8(repeated("告", 1366), 4096).size() == 4095);
  CHECK(cut_utf8(repeated("告", 682), 2048).size() == 2046);
}

TEST_CASE("bytes that are not UTF-8 are cut too") {
  CHECK(cut_utf8(std::string(100, '\x80'), 10).size() == 10);
  CHECK(cut_utf8(std::string(2, '\x80'), 1).size() <= 1);
}

}  // namespace
}  // namespace fieldmedic

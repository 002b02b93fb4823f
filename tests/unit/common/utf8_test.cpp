#include "common/utf8.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("utf8: the length of the sequence at the front or zero") {
  struct Case {
    const char* name;
    std::string_view text;
    std::size_t want;
  };
  const Case cases[] = {
      {"nothing", "", 0},
      {"ascii", "ab", 1},
      {"two bytes", "\xC3\xA9x", 2},
      {"three bytes", "\xE4\xB8\xAD", 3},
      {"four bytes", "\xF0\x9F\x98\x80", 4},
      {"a continuation alone", "\x80", 0},
      {"two bytes cut", "\xC3", 0},
      {"three bytes cut", "\xE4\xB8", 0},
      {"four bytes cut", "\xF0\x9F\x98", 0},
      {"overlong slash", "\xC0\xAF", 0},
      {"overlong in three", "\xE0\x80\xAF", 0},
      {"overlong in four", "\xF0\x80\x80\xAF", 0},
      {"surrogate", "\xED\xA0\x80", 0},
      {"last before the surrogates", "\xED\x9F\xBF", 3},
      {"highest", "\xF4\x8F\xBF\xBF", 4},
      {"above the highest", "\xF4\x90\x80\x80", 0},
      {"no such first byte", "\xFF\xBF\xBF\xBF", 0},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(utf8_sequence_length(c.text) == c.want);
    }
  }
}

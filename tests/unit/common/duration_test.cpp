#include "common/duration.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

using std::chrono::milliseconds;

TEST_CASE("durations are read with their units") {
  struct Case {
    const char* text;
    std::int64_t want;  // milliseconds
  };
  const Case cases[] = {
      {"0s", 0},
      {"0ms", 0},
      {"1ms", 1},
      {"90s", 90'000},
      {"5m", 300'000},
      {"1h30m", 5'400'000},
      {"1m30s", 90'000},
      {"1h250ms", 3'600'250},
      {"2d", 172'800'000},
      {"1w", 604'800'000},
      {"1w1d1h1m1s1ms", 694'861'001},
      {"007s", 7'000},
      {"9223372036854775807ms", 9'223'372'036'854'775'807},
      {"15250284452w3d7h12m55s807ms", 9'223'372'036'854'775'807},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.text) {
      const auto duration = parse_duration(c.text);
      REQUIRE(duration);
      CHECK(duration->count() == c.want);
    }
}

TEST_CASE("what is no duration is refused with what was wanted") {
  const char* const cases[] = {
      "",
      "0",
      "90",
      "s",
      "soon",
      "-1s",
      "+1s",
      "1 s",
      " 1s",
      "1s ",
      "1.5h",
      "1S",
      "1M",
      "1y",
      "1s1m",
      "1m1m",
      "1h30",
      "1ms1s",
      "1h-5m",
      "1h 5m",
      "1min",
      "9223372036854775808ms",
      "99999999999999999999s",
      "15250284452w3d7h12m55s808ms",
      "15250284453w",
  };
  for (const char* text : cases) DYNAMIC_SECTION("refused " << text) {
      const auto duration = parse_duration(text);
      REQUIRE_FALSE(duration);
      CHECK(duration.error().code == Errc::Invalid);
      CHECK(duration.error().message ==
            std::string("wants a duration such as 90s or 5m, got '") + text + "'");
    }
}

TEST_CASE("durations are written so that they read back") {
  struct Case {
    std::int64_t milliseconds;
    const char* want;
  };
  const Case cases[] = {
      {0, "0s"},
      {1, "1ms"},
      {999, "999ms"},
      {1'000, "1s"},
      {1'001, "1s1ms"},
      {90'000, "1m30s"},
      {3'600'000, "1h"},
      {86'400'000, "1d"},
      {604'800'000, "1w"},
      {691'200'000, "8d"},
      {9'223'372'036'854'775'807, "106751991167d7h12m55s807ms"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.want) {
      CHECK(format_duration(milliseconds(c.milliseconds)) == c.want);
      CHECK(parse_duration(c.want) == milliseconds(c.milliseconds));
    }
  CHECK(format_duration(milliseconds(-1'500)) == "-1s500ms");
  CHECK(format_duration(milliseconds::min()) == "-106751991167d7h12m55s808ms");
}

}  // namespace fieldmedic

#include "remediator/checks/comparison.hpp"

#include <cmath>
#include <string>

#include "common/prometheus_line.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("a comparison is a sign and a finite number") {
  const std::pair<const char*, Comparison> right[] = {
      {"== 1", {Comparator::Equal, 1}},
      {"==1", {Comparator::Equal, 1}},
      {"!= 0", {Comparator::NotEqual, 0}},
      {"< 0.03", {Comparator::Less, 0.03}},
      {"<= 5", {Comparator::LessOrEqual, 5}},
      {"> -2", {Comparator::Greater, -2}},
      {">= 0.95", {Comparator::GreaterOrEqual, 0.95}},
      {">  1e3", {Comparator::Greater, 1000}},
  };
  for (const auto& [text, want] : right) {
    const auto parsed = parse_comparison(text);
    INFO(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == want);
  }
  for (const char* text :
       {"", "1", "= 1", "== ", "==", "== one", "== 1 2", "== NaN", "< Inf", "=> 1", " == 1"}) {
    INFO(text);
    CHECK_FALSE(parse_comparison(text).has_value());
  }
}

TEST_CASE("a comparison holds on the right side of its bound only") {
  struct Case {
    const char* text;
    double value;
    bool want;
  };
  const Case cases[] = {
      {"== 1", 1, true},  {"== 1", 1.0000001, false}, {"!= 1", 1, false},
      {"!= 1", 2, true},  {"< 0.03", 0.03, false},    {"< 0.03", 0.0299, true},
      {"<= 5", 5, true},  {"<= 5", 5.1, false},       {"> 5", 5, false},
      {"> 5", 5.1, true}, {">= 0.95", 0.95, true},    {">= 0.95", 0.9499, false},
  };
  for (const Case& c : cases) {
    INFO(c.text << " of " << c.value);
    CHECK(holds(*parse_comparison(c.text), c.value) == c.want);
  }
}

TEST_CASE("a sample value is read as Prometheus writes it") {
  CHECK(parse_sample_value("1") == 1.0);
  CHECK(parse_sample_value("0.25") == 0.25);
  CHECK(parse_sample_value("1e+06") == 1e6);
  CHECK(std::isinf(*parse_sample_value("+Inf")));
  CHECK(*parse_sample_value("-Inf") < 0);
  CHECK(std::isnan(*parse_sample_value("NaN")));
  for (const char* text : {"", "x", "1 ", "++1", "0x"}) {
    INFO(text);
    CHECK_FALSE(parse_sample_value(text).has_value());
  }
}

}  // namespace fieldmedic

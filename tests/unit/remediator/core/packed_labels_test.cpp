#include "remediator/core/packed_labels.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic::core {
namespace {

TEST_CASE("labels come out as they were packed") {
  const LabelMap sets[] = {
      {},
      {{"alertname", "CollectorDown"}},
      {{"", "no name"}, {"empty", ""}},
      {{"nul", std::string("a\0b", 3)}, {std::string("n\0", 2), "告警"}},
      {{"long", std::string(100'000, 'x')}, {"short", "y"}, {"z", std::string(300, '\xff')}},
  };
  for (const LabelMap& labels : sets) {
    const PackedLabels packed(labels);
    CHECK(packed.unpacked() == labels);
    for (const auto& [name, value] : labels) CHECK(packed.find(name) == value);
  }
}

TEST_CASE("a label is found by its whole name, never by a value") {
  const PackedLabels packed(LabelMap{{"host", "zone"}, {"zone", "north"}, {"zones", "all"}});
  CHECK(packed.find("zone") == "north");
  CHECK_FALSE(packed.find("zon"));
  CHECK_FALSE(packed.find("north"));
  CHECK_FALSE(packed.find(""));
  CHECK_FALSE(PackedLabels{}.find(""));
}

TEST_CASE("packed labels are equal when their names and values are") {
  CHECK(PackedLabels(LabelMap{{"a", "bc"}}) == PackedLabels(LabelMap{{"a", "bc"}}));
  CHECK_FALSE(PackedLabels(LabelMap{{"a", "bc"}}) == PackedLabels(LabelMap{{"ab", "c"}}));
  CHECK_FALSE(PackedLabels(LabelMap{{"a", "b"}}) == PackedLabels(LabelMap{{"a", "b"}, {"c", ""}}));
}

}  // namespace
}  // namespace fieldmedic::core

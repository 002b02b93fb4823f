#include "exporter/collector/log_rotation.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("log rotation: which names are old generations of orders.log") {
  struct Case {
    const char* name;
    bool want;
  };
  const Case cases[] = {
      {"orders.log.1", true},          {"orders.log.12", true},
      {"orders.log-20261125", true},   {"orders.log-2026-11-25T08", true},
      {"orders-2026-11-25.log", true}, {"orders.1.log", true},
      {"orders.log", false},           {"orders.log.1.gz", false},
      {"orders.log.old", false},       {"orders.log.", false},
      {"orders-audit.log", false},     {"xorders.log.1", false},
      {"orders.logs", false},          {"", false},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(is_old_generation(c.name, "orders.log") == c.want);
    }
  }
}

TEST_CASE("log rotation: patterns") {
  const auto all = LogPattern::parse("/var/log/*.log");
  REQUIRE(all);
  CHECK(all->folder == "/var/log");
  CHECK(all->matches("a.log"));
  CHECK_FALSE(all->matches(".a.log"));
  CHECK_FALSE(all->matches("a.log.1"));
  const auto any = LogPattern::parse("/a*");
  REQUIRE(any);
  CHECK(any->folder == "/");
  CHECK(any->matches("a.log"));
  for (const char* end : {".gz", ".bz2", ".xz", ".zst"}) {
    CHECK_FALSE(any->matches(std::string("a.log") + end));
  }
  for (const char* bad : {"", "relative.log", "/var/log/", "/var/*/a.log", "/"}) {
    CAPTURE(bad);
    CHECK_FALSE(LogPattern::parse(bad));
  }
}

TEST_CASE("log rotation: generations of a file in the list are no files of their own") {
  using Names = std::vector<std::string>;
  CHECK(without_old_generations({"a.log", "a.log.1", "a.log.2", "b.log.1"}) ==
        Names{"a.log", "b.log.1"});
}

}  // namespace
}  // namespace fieldmedic

#include "exporter/scrape.hpp"

#include <atomic>
#include <new>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/fakes/scrape_modules.hpp"

using namespace fieldmedic;
using namespace fieldmedic::scraping;
using namespace std::chrono_literals;

namespace {

// Remembers the deadline it was told.
class AskingModule final : public Module {
 public:
  explicit AskingModule(std::shared_ptr<std::optional<SteadyTime>> told) : told_(std::move(told)) {}
  [[nodiscard]] std::string_view name() const override { return "asking"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override {
    *told_ = deadline;
    return Families{};
  }

 private:
  std::shared_ptr<std::optional<SteadyTime>> told_;
};

}  // namespace

TEST_CASE("scrape: all modules are collected and told about") {
  Reports reports;
  Scrape scrape(list(good("a"), good("b", Cost::MayWait)), system_clock(), reports.report);
  const auto families = run(scrape);
  CHECK(value_of(families, "a_value") == 7);
  CHECK(value_of(families, "b_value") == 7);
  CHECK(success(families, "a") == 1);
  CHECK(success(families, "b") == 1);
  CHECK(value_of(families, "fieldmedic_scrape_module_duration_seconds", {{"module", "b"}}));
  CHECK(find_family(families, "fieldmedic_exporter_build_info"));
  CHECK(reports.lines.empty());
}

TEST_CASE("scrape: a module that fails or throws costs its own families only") {
  Reports reports;
  const auto failing = [] { return Result<Families>(fail(Errc::Io, "disk on fire")); };
  const auto throwing = []() -> Result<Families> { throw std::runtime_error("oops"); };
  const auto exhausted = []() -> Result<Families> { throw std::bad_alloc(); };
  const auto odd = []() -> Result<Families> { throw 5; };
  Scrape scrape(list(std::make_unique<FakeModule>("failing", Cost::Inline, failing),
                     std::make_unique<FakeModule>("throwing", Cost::Inline, throwing),
                     std::make_unique<FakeModule>("exhausted", Cost::MayWait, exhausted),
                     std::make_unique<FakeModule>("odd", Cost::MayWait, odd), good("fine")),
                system_clock(), reports.report);
  const auto families = run(scrape);
  CHECK(value_of(families, "fine_value") == 7);
  CHECK(success(families, "fine") == 1);
  for (const auto* name : {"failing", "throwing", "exhausted", "odd"}) {
    INFO(name);
    CHECK(success(families, name) == 0);
  }
  REQUIRE(reports.lines.size() == 4);
  CHECK(reports.lines[0] == "failing: disk on fire");
}

TEST_CASE("scrape: a family that somebody else named is left out where the name is ours") {
  class Foreign final : public Module {
   public:
    [[nodiscard]] std::string_view name() const override { return "foreign"; }
    [[nodiscard]] Cost cost() const override {
      return Cost::Inline;
    }  // before the one it would hide
    [[nodiscard]] bool foreign() const override { return true; }
    [[nodiscard]] Result<Families> collect(SteadyTime) override {
      Families families = one("a_value");
      for (const char* name : {"own", "new_value", "fieldmedic_exporter_build_info", "own"})
        families.push_back(
            single(name, "theirs", prometheus::MetricType::Gauge, families.size() == 4 ? 1 : 0));
      return families;
    }
  };
  Reports reports;
  Scrape scrape(list(std::make_unique<Foreign>(), good("a", Cost::MayWait)), system_clock(),
                reports.report);
  for (int i = 0; i < 2; ++i) {
    const auto families = run(scrape);
    const auto count = [&](const std::string& name) {
      return std::ranges::count(families, name, &prometheus::MetricFamily::name);
    };
    for (const char* name : {"a_value", "own", "new_value", "fieldmedic_exporter_build_info"})
      CHECK(count(name) == 1);
    CHECK(value_of(families, "a_value") == 7);
    CHECK(value_of(families, "own") == 1);  // what it says last is its own word
  }
  CHECK(reports.lines == std::vector<std::string>{"foreign: not published, the name is taken: "
                                                  "fieldmedic_exporter_build_info, own, a_value"});
}

TEST_CASE("scrape: a failure is told once until the module has succeeded again") {
  Reports reports;
  auto broken = std::make_shared<std::atomic<bool>>(true);
  Scrape scrape(list(std::make_unique<FakeModule>("m", Cost::Inline,
                                                  [broken]() -> Result<Families> {
                                                    if (*broken) return fail(Errc::Io, "broken");
                                                    return Families{};
                                                  })),
                system_clock(), reports.report);
  (void)run(scrape);
  (void)run(scrape);
  CHECK(reports.lines.size() == 1);
  *broken = false;
  (void)run(scrape);
  *broken = true;
  (void)run(scrape);
  CHECK(reports.lines.size() == 2);
}

TEST_CASE("scrape: collect and exclude choose modules and contradict each other") {
  Reports reports;
  Scrape scrape(list(good("a"), good("b")), system_clock(), reports.report);
  CHECK_FALSE(value_of(run(scrape, 1s, {.collect = {"a"}, .exclude = {}}), "b_value"));
  CHECK_FALSE(value_of(run(scrape, 1s, {.collect = {}, .exclude = {"a"}}), "a_value"));
  CHECK(value_of(run(scrape, 1s, {.collect = {}, .exclude = {"a"}}), "b_value") == 7);
  CHECK(scrape.check({.collect = {"a"}, .exclude = {}}));
  const auto both = scrape.check({.collect = {"a"}, .exclude = {"b"}});
  REQUIRE_FALSE(both);
  CHECK(both.error().code == Errc::Invalid);
  const auto unknown = scrape.check({.collect = {"nothing"}, .exclude = {}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "no such module; there are: a b");
}

TEST_CASE("scrape: a module that is kept goes on where it was") {
  const auto counting = [] {
    return std::make_unique<FakeModule>("counts", Cost::MayWait, [n = 0]() mutable {
      Families families;
      families.push_back(single("count", "help", prometheus::MetricType::Gauge, ++n));
      return families;
    });
  };
  Reports reports;
  Scrape before(list(counting(), good("gone")), system_clock(), reports.report);
  CHECK(value_of(run(before), "count") == 1);
  Scrape after(list(good("new")), system_clock(), reports.report);
  const std::vector<std::string_view> kept{"counts"};
  after.keep(before, kept);
  CHECK(value_of(run(after), "count") == 2);
  CHECK(value_of(run(before), "count") == 3);  // a scrape that still runs while it is replaced
  CHECK(after.module_names() == std::vector<std::string_view>{"new", "counts"});
}

TEST_CASE("scrape: a module is told a deadline before the scrape's own") {
  Reports reports;
  const auto told = std::make_shared<std::optional<SteadyTime>>();
  Scrape scrape(list(std::unique_ptr<Module>(std::make_unique<AskingModule>(told))), system_clock(),
                reports.report);
  const auto deadline = system_clock().steady() + 20s;
  (void)scrape.run({}, deadline);
  CHECK(*told == deadline - 200ms);
}

TEST_CASE("scrape: the budget is the timeout of Prometheus less a slack") {
  CHECK(scrape_budget("10") == 9500ms);
  CHECK(scrape_budget("1.5") == 1000ms);
  CHECK(scrape_budget("1") == 500ms);
  CHECK(scrape_budget("0.4") == 200ms);
  CHECK(scrape_budget("3600") == 10s);
  for (const auto* odd : {"", "x", "10s", "-1", "0", "nan", "inf", "1e400"}) {
    INFO(odd);
    CHECK(scrape_budget(odd) == 5s);
  }
}

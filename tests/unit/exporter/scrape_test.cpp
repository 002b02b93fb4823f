#include "exporter/scrape.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

#include "common/metric_families.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

const SystemClock& system_clock() {
  static const SystemClock clock;  // outlives threads of modules that hang
  return clock;
}

class FakeModule final : public Module {
 public:
  using Act = std::function<Result<Families>()>;
  FakeModule(std::string name, Cost cost, Act act)
      : name_(std::move(name)), cost_(cost), act_(std::move(act)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] Cost cost() const override { return cost_; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override { return act_(); }

 private:
  std::string name_;
  Cost cost_;
  Act act_;
};

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

Families one(const std::string& name) {
  Families families;
  families.push_back(single(name, "help", prometheus::MetricType::Gauge, 7));
  return families;
}

std::unique_ptr<Module> good(const std::string& name, Cost cost = Cost::Inline) {
  return std::make_unique<FakeModule>(name, cost, [name] { return one(name + "_value"); });
}

// A door that a module waits at until the test opens it; shared, since a module may outlive a test.
struct Door {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int waiting = 0;
  int most_at_once = 0;
  int passed = 0;

  void wait() {
    std::unique_lock lock(mutex);
    most_at_once = std::max(most_at_once, ++waiting);
    changed.wait(lock, [&] { return open; });
    --waiting;
    ++passed;
  }
  void unlock() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  int count(int Door::* what) {
    const std::lock_guard lock(mutex);
    return this->*what;
  }
};

std::unique_ptr<Module> behind(const std::shared_ptr<Door>& door) {
  return std::make_unique<FakeModule>("slow", Cost::MayWait, [door] {
    door->wait();
    return one("slow_value");
  });
}

struct Reports {
  std::vector<std::string> lines;
  Scrape::Report report = [this](std::string_view module, const Error& error) {
    lines.push_back(std::string(module) + ": " + error.message);
  };
};

template <class... Modules>
std::vector<std::unique_ptr<Module>> list(Modules... modules) {
  std::vector<std::unique_ptr<Module>> all;
  (all.push_back(std::move(modules)), ...);
  return all;
}

Families joined(std::vector<Families> pages) {
  Families all;
  for (auto& page : pages) {
    for (auto& family : page) all.push_back(std::move(family));
  }
  return all;
}

Families run(Scrape& scrape, std::chrono::milliseconds budget = 20s,
             const ModuleSelection& selection = {}) {
  return joined(scrape.run(selection, system_clock().steady() + budget));
}

std::optional<double> success(const Families& families, const std::string& module) {
  return value_of(families, "fieldmedic_scrape_module_success", {{"module", module}});
}

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

TEST_CASE("scrape: a module that hangs is left behind at the deadline") {
  Reports reports;
  auto door = std::make_shared<Door>();
  {
    Scrape scrape(list(behind(door), good("a")), system_clock(), reports.report);
    const auto families = run(scrape, 500ms);
    CHECK(value_of(families, "a_value") == 7);
    CHECK_FALSE(value_of(families, "slow_value"));
    CHECK(success(families, "slow") == 0);
    CHECK(success(families, "a") == 1);
    REQUIRE(reports.lines.size() == 1);
  }  // the scrape goes while its module still hangs
  CHECK(eventually([&] { return door->count(&Door::waiting) == 1; }));
  door->unlock();
  CHECK(eventually([&] { return door->count(&Door::passed) == 1; }));
}

TEST_CASE("scrape: a late result is thrown away and the next scrape collects anew") {
  Reports reports;
  auto door = std::make_shared<Door>();
  auto calls = std::make_shared<std::atomic<int>>(0);
  Scrape scrape(list(std::make_unique<FakeModule>("slow", Cost::MayWait,
                                                  [door, calls] {
                                                    const int call = ++*calls;
                                                    if (call == 1) door->wait();
                                                    return one("call_" + std::to_string(call));
                                                  })),
                system_clock(), reports.report);
  CHECK(success(run(scrape, 500ms), "slow") == 0);
  CHECK(success(run(scrape, 500ms), "slow") == 0);  // still in its first call
  CHECK(*calls == 1);
  door->unlock();
  const auto families = run(scrape);
  CHECK(success(families, "slow") == 1);
  CHECK(value_of(families, "call_2") == 7);
  CHECK_FALSE(value_of(families, "call_1"));
}

TEST_CASE("scrape: parallel scrapes never run one module twice at once") {
  for (const auto cost : {Cost::Inline, Cost::KeepsDeadline, Cost::MayWait}) {
    Reports reports;
    auto inside = std::make_shared<std::atomic<int>>(0);
    auto overlaps = std::make_shared<std::atomic<int>>(0);
    Scrape scrape(list(std::make_unique<FakeModule>("m", cost,
                                                    [inside, overlaps] {
                                                      if (++*inside > 1) ++*overlaps;
                                                      std::this_thread::yield();
                                                      --*inside;
                                                      return one("m_value");
                                                    })),
                  system_clock(), reports.report);
    std::atomic<int> succeeded = 0;
    {
      std::vector<std::jthread> scrapers;
      for (int i = 0; i < 4; ++i) {
        scrapers.emplace_back([&] {
          for (int n = 0; n < 50; ++n) succeeded += success(run(scrape), "m") == 1 ? 1 : 0;
        });
      }
    }
    CHECK(*overlaps == 0);
    CHECK(succeeded == 200);
  }
}

TEST_CASE(
    "scrape: one that waits in its own thread keeps neither a parallel scrape nor the others") {
  Reports reports;
  auto door = std::make_shared<Door>();
  auto order = std::make_shared<std::vector<std::string>>();
  const auto noting = [order](const std::string& name) {
    return [order, name] {
      order->push_back(name);
      return one(name + "_value");
    };
  };
  Scrape scrape(list(std::make_unique<FakeModule>("slow", Cost::KeepsDeadline,
                                                  [door, order] {
                                                    order->push_back("slow");
                                                    door->wait();
                                                    return one("slow_value");
                                                  }),
                     std::make_unique<FakeModule>("quick", Cost::Inline, noting("quick"))),
                system_clock(), reports.report);
  Families first;
  std::jthread other([&] { first = run(scrape); });
  REQUIRE(eventually([&] { return door->count(&Door::waiting) == 1; }));
  CHECK(*order == std::vector<std::string>{"quick", "slow"});
  const auto second = run(scrape, 500ms);
  CHECK(value_of(second, "quick_value") == 7);
  CHECK(success(second, "slow") == 0);
  door->unlock();
  other.join();
  CHECK(success(first, "slow") == 1);
}

namespace {

// Notes when it was asked ahead and when it collected; `ahead` may throw.
class AheadModule final : public Module {
 public:
  AheadModule(std::shared_ptr<std::vector<std::string>> order, std::function<void()> ahead)
      : order_(std::move(order)), ahead_(std::move(ahead)) {}
  [[nodiscard]] std::string_view name() const override { return "waits"; }
  [[nodiscard]] Cost cost() const override { return Cost::KeepsDeadline; }
  void ask_ahead() override {
    order_->push_back("asked");
    ahead_();
  }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    order_->push_back("collected");
    return one("waits_value");
  }

 private:
  std::shared_ptr<std::vector<std::string>> order_;
  std::function<void()> ahead_;
};

}  // namespace

TEST_CASE("scrape: who waits for another process asks it before the others read") {
  Reports reports;
  const auto order = std::make_shared<std::vector<std::string>>();
  bool broken = false;
  const auto ahead = [&broken] {
    if (broken) throw std::runtime_error("no memory");
  };
  const auto reads = [order] {
    order->push_back("reads");
    return one("reads_value");
  };
  Scrape scrape(list(std::make_unique<AheadModule>(order, ahead),
                     std::make_unique<FakeModule>("reads", Cost::Inline, reads)),
                system_clock(), reports.report);
  CHECK(success(run(scrape), "waits") == 1);
  CHECK(*order == std::vector<std::string>{"asked", "reads", "collected"});

  broken = true;  // costs its own families, and its turn is given back
  const auto families = run(scrape);
  CHECK(success(families, "waits") == 0);
  CHECK(success(families, "reads") == 1);
  broken = false;
  CHECK(success(run(scrape), "waits") == 1);
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

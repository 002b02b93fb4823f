// Modules that wait, beside each other and beyond the deadline.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "exporter/scrape.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/scrape_modules.hpp"

using namespace fieldmedic;
using namespace fieldmedic::scraping;
using namespace std::chrono_literals;

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

// Modules that are good, bad or slow, and a scrape of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/metric_families.hpp"
#include "exporter/scrape.hpp"
#include "tests/fakes/host_fixture.hpp"

namespace fieldmedic::scraping {

inline const SystemClock& system_clock() {
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

inline Families one(const std::string& name) {
  Families families;
  families.push_back(single(name, "help", prometheus::MetricType::Gauge, 7));
  return families;
}

inline std::unique_ptr<Module> good(const std::string& name, Cost cost = Cost::Inline) {
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

inline std::unique_ptr<Module> behind(const std::shared_ptr<Door>& door) {
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

inline Families joined(std::vector<Families> pages) {
  Families all;
  for (auto& page : pages) {
    for (auto& family : page) all.push_back(std::move(family));
  }
  return all;
}

inline Families run(Scrape& scrape, std::chrono::milliseconds budget = std::chrono::seconds(20),
                    const ModuleSelection& selection = {}) {
  return joined(scrape.run(selection, system_clock().steady() + budget));
}

inline std::optional<double> success(const Families& families, const std::string& module) {
  return value_of(families, "fieldmedic_scrape_module_success", {{"module", module}});
}

}  // namespace fieldmedic::scraping

#include "bench/engine_world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>
#include <sqlite3.h>

namespace fieldmedic::bench {
namespace {

constexpr const char* kPlaybook = "collector-down";
constexpr core::Limits kLimits{3, std::chrono::hours(1), std::chrono::minutes(5),
                               std::chrono::minutes(30)};

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "cannot measure: {}\n", why);
  std::exit(2);
}

}  // namespace

void World::start(core::Effect effect) {
  if (outside_ == Outside::Silent) return;
  if (const auto* checks = std::get_if<core::RunChecks>(&effect.what)) {
    const std::lock_guard lock(mutex_);
    const auto verdict =
        applied_.contains(checks->incident) ? core::Verdict::Pass : core::Verdict::Fail;
    post(core::ChecksDone{checks->incident, checks->round, {{verdict, "instant"}}});
  } else if (const auto* plan = std::get_if<core::MakePlan>(&effect.what)) {
    core::Plan made;
    made.steps.push_back({"start", "{}", "{}", core::Confirmable::Yes});
    made.resources = {fmt::format("host/{}/process/orders", plan->target.host)};
    made.summary = "start orders";
    post(core::Planned{plan->incident, plan->attempt, std::move(made), {}});
  } else if (const auto* apply = std::get_if<core::Apply>(&effect.what)) {
    {
      const std::lock_guard lock(mutex_);
      applied_.emplace(apply->incident, clock_.steady());
    }
    post(core::ApplyDone{apply->incident, apply->attempt, apply->step, core::Applied::Done, "ok"});
  } else if (const auto* confirm = std::get_if<core::Confirm>(&effect.what)) {
    post(core::ConfirmDone{confirm->incident, confirm->attempt, confirm->step,
                           core::Confirmed::Applied, "ok"});
  }
}

std::map<core::IncidentId, SteadyTime> World::applied() const {
  const std::lock_guard lock(mutex_);
  return applied_;
}

std::shared_ptr<const core::Policy> policy_for(int hosts) {
  auto policy = std::make_shared<core::Policy>();
  using enum core::Share::Kind;
  policy->guards.in_flight_group = {Count, hosts};
  policy->guards.in_flight_fleet = {Count, hosts};
  policy->guards.breaker.targets = hosts;
  policy->guards.breaker.fleet_targets = hosts;
  policy->group_sizes["g"] = hosts;
  policy->fleet_size = hosts;
  policy->playbooks[kPlaybook] = {core::Mode::Act, kLimits, {}, {}};
  for (int n = 0; n < hosts; ++n) policy->targets.insert(core::key_of(alert_of(n).target));
  return policy;
}

std::shared_ptr<const core::Playbook> playbook_holding(core::Duration hold) {
  using namespace std::chrono_literals;
  auto one = std::make_shared<core::Playbook>();
  one->name = kPlaybook;
  one->tiers = {{"restart", {"process_restart", "{}"}, 30s}};
  one->verify = {120s, 1s, {{{"process", "{}"}, hold}}};
  one->limits = kLimits;
  one->relapse = {30min, 3};
  return one;
}

core::RoutedAlert alert_of(int n, int occurrence) {
  // One for all of them, as a configuration has one.
  static const auto playbook = playbook_holding(std::chrono::seconds(10));
  core::RoutedAlert routed;
  const std::string host = fmt::format("h{}", n);
  routed.alert.key = {"alertmanager", fmt::format("{:016x}", n),
                      core::Time(std::chrono::milliseconds(1'795'000'000'000 + occurrence))};
  routed.alert.labels = {
      {"alertname", "CollectorDown"}, {"collector", "orders"}, {"host", host},
      {"instance", "10.0.0.1:9987"},  {"job", "fieldmedic"},   {"severity", "critical"}};
  routed.playbook = playbook;
  routed.target = {core::TargetKind::Collector, "orders", host, "g"};
  return routed;
}

RunningEngine::RunningEngine(const std::filesystem::path& folder, World& world, int hosts) {
  auto journal = open_sqlite_journal(folder / "journal.db");
  if (!journal) give_up(journal.error().message);
  journal_ = std::move(*journal);
  engine_ = std::make_unique<Engine>(EngineParts{*journal_, clock_, world, metrics_,
                                                 [](const std::string& why) { give_up(why); },
                                                 [](const std::string& why) { give_up(why); }});
  world.post = [this](core::Input input) { engine_->post(std::move(input)); };
  if (auto started = engine_->start(policy_for(hosts)); !started) give_up(started.error().message);
  thread_ = std::thread([this] {
    if (auto ended = engine_->run(); !ended) give_up(ended.error().message);
  });
}

RunningEngine::~RunningEngine() {
  engine_->stop();
  thread_.join();
}

std::vector<double> bare_commits(const std::filesystem::path& folder, int count) {
  sqlite3* db = nullptr;
  const auto run = [&](const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
  };
  if (sqlite3_open((folder / "bare.db").c_str(), &db) != SQLITE_OK) give_up("bare.db");
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=FULL");
  run("CREATE TABLE event (sequence INTEGER PRIMARY KEY, data TEXT)");
  const std::string insert =
      fmt::format("INSERT INTO event (data) VALUES ('{}')", std::string(300, 'x'));
  const SystemClock clock;
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const auto begun = clock.steady();
    run(insert.c_str());
    took.push_back(std::chrono::duration<double, std::milli>(clock.steady() - begun).count());
  }
  sqlite3_close(db);
  return took;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) give_up("nothing was measured");
  std::ranges::sort(values);
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

}  // namespace fieldmedic::bench

#include "remediator/effects.hpp"

#include <atomic>
#include <future>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

using namespace fieldmedic;
using core::Verdict;
using Until = core::RunChecks::Until;

namespace {

// One check of a health URL that answers with these statuses, one a round.
struct Site {
  explicit Site(std::vector<int> statuses) {
    for (const int status : statuses) http.answer(status, "");
    CollectorSpec collector;
    collector.health = {"http://127.0.0.1:8080/health"};
    const auto inventory = inventory_of(collector);
    EffectTools tools{
        {runner, clock, inventory, {}, systemd}, {http, inventory, {}, {}}, {}, {}, {}, {}};
    tools.evidence = [this](const core::Target& target, std::stop_token) {
      ++asked;
      CHECK(target == kOrders);
      return evidence;
    };
    effects.use(std::make_shared<const EffectTools>(std::move(tools)));
  }

  core::CheckAnswer round(Until until) {
    auto playbook = std::make_shared<core::Playbook>();
    playbook->verify.checks.push_back(
        {{"http", R"({"status":200,"timeout_ms":2000,"urls":[]})"}, {}});
    answered = {};
    effects.start(
        {core::RunChecks{1, 1, kOrders, {playbook, &playbook->verify.checks}, until}, {}});
    auto answer = answered.get_future();
    REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    const auto answers = answer.get();
    REQUIRE(answers.size() == 1);
    return answers.front();
  }

  FakeHttp http;
  FakeRunner runner;
  ManualClock clock;
  FakeSystemd systemd;
  std::string evidence = "its exporter says: D5 disk suspect";
  std::atomic<int> asked = 0;
  std::promise<std::vector<core::CheckAnswer>> answered;
  Effects effects{[this](core::Input input) {
    answered.set_value(std::get<core::ChecksDone>(std::move(input)).answers);
  }};
};

}  // namespace

TEST_CASE("effects: evidence of the exporter stands beside the check that failed") {
  Site site({503});
  const auto answer = site.round(Until::FirstFail);
  CHECK(answer.verdict == Verdict::Fail);
  CHECK(answer.evidence.find("503") != std::string::npos);
  CHECK(answer.evidence.ends_with("; its exporter says: D5 disk suspect"));
}

TEST_CASE(
    "effects: evidence is never a reason: it changes no verdict and is asked of the sick only") {
  Site site({200, 503, 503});
  const auto well = site.round(Until::FirstFail);
  CHECK(well.verdict == Verdict::Pass);
  CHECK(well.evidence.find("exporter") == std::string::npos);
  const auto verified = site.round(Until::AllAnswer);
  CHECK(verified.verdict == Verdict::Fail);
  CHECK(verified.evidence.find("exporter") == std::string::npos);
  CHECK(site.asked == 0);
  site.evidence.clear();
  const auto silent = site.round(Until::FirstFail);
  CHECK(site.asked == 1);
  CHECK(silent.verdict == Verdict::Fail);
  CHECK_FALSE(silent.evidence.ends_with("; "));
}

#include "remediator/touch.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {
namespace {

const core::Target kWatched{core::TargetKind::Collector, "orders", "sh-02", "shanghai"};
const core::Target kDeclared{core::TargetKind::Collector, "orders", "sh-01", "shanghai"};
const core::Spec kExec{"exec", R"({"argv":["/bin/true"],"environment":[]})"};

std::shared_ptr<const Inventory> inventory() {
  auto made = std::make_shared<Inventory>();
  GroupSpec& group = made->groups.emplace_back();
  group.name = "shanghai";
  group.hosts.emplace_back().name = "sh-01";
  group.collectors.emplace_back().name = "orders";
  group.watched = {"sh-02"};
  return made;
}

TEST_CASE("nothing is done to a host that is only watched: it would be done to this one") {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  const ActionTools tools{runner, clock, inventory(), {}, systemd};
  const auto denied = action_on(kWatched, kExec, tools);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Errc::Denied);
  CHECK(denied.error().message ==
        "host sh-02 is known from file_sd alone: its group does not say how it is reached");
  CHECK(action_on(kDeclared, kExec, tools));
}

TEST_CASE("of a host that is only watched Prometheus alone is asked") {
  FakeHttp http;
  http.answer(200, R"({"status":"success","data":{"resultType":"scalar","result":[1.5,"0"]}})");
  const CheckTools tools{http, inventory(), ServerPool({{.url = "http://p:9090"}}), {}};
  for (const char* type : {"process", "port", "http"}) {
    const auto answer = ask_check({type, "{}"}, kWatched, tools, {});
    CHECK(answer.verdict == core::Verdict::Unknown);
    CHECK(answer.evidence.find("file_sd") != std::string::npos);
  }
  CHECK(http.sent().empty());
  const core::Spec up{"promql", R"({"query":"up","timeout_ms":2000,"is":"== 1"})"};
  CHECK(ask_check(up, kWatched, tools, {}).verdict == core::Verdict::Fail);
}

}  // namespace
}  // namespace fieldmedic

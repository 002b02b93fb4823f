// link_switch on a host of its own with two real links, and what saves it when we die in between.
#include "remediator/actions/link_switch.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>

#include "remediator/actions/link_steps.hpp"
#include "remediator/reach/dead_man.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/network_lab.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

constexpr std::uint16_t kPort = 8080;
constexpr std::chrono::milliseconds kTimeout{120'000};
const std::string kProgram = std::string(FIELDMEDIC_BIN_DIR) + "/fieldmedic-remediator";

struct Lab {
  NetworkLab net;
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  std::optional<FileDescriptor> far;

  Lab() {
    if (net.ready()) far = net.listen_far(kPort);
  }
  std::unique_ptr<Action> action(const std::string& more) {
    ConfigErrors errors;
    const std::string read = read_link_switch(parse_yaml(
        "t.yml", "{interface: unicom, gateway: 10.79.0.1, keeps: ['10.9.0.1:8080'], " + more + "}",
        errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.self = kProgram;
    return make_link_switch(read, tools).value();
  }
};

const std::string kGood = "probe: '10.9.0.1:8080'";

core::Plan plan(Action& action) {
  auto planned = action.plan({kOrders, {}}, {});
  INFO((planned ? "" : planned.error().message));
  REQUIRE(planned.has_value());
  return *planned;
}

ApplyRequest request(const core::Plan& plan, const core::AttemptId& attempt) {
  return {attempt, kOrders, plan, 0, kTimeout};
}

// A dead man that a busy machine has not started in time has nothing changed: it is asked again.
ApplyAnswer apply_in_time(Action& action, const ApplyRequest& request) {
  ApplyAnswer answer;
  (void)eventually([&] {
    answer = action.apply(request, {});
    return !answer.evidence.contains("not armed in time");
  });
  UNSCOPED_INFO(answer.evidence);
  return answer;
}

std::vector<DefaultRoute> routes() {
  return default_routes(kMainTable).value();
}

core::AttemptId attempt(const char* name) {
  return std::string(name) + "-" + std::to_string(getpid());
}

// The link that a new connection to the far host goes by, told by its own address.
std::string address_of_new_connection(const Lab& lab) {
  const LabConnection connection(*lab.far, "10.9.0.1", kPort);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  getsockname(connection.client.get(), reinterpret_cast<sockaddr*>(&own), &size);
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
  return text;
}

// What connected and left, as probes do, waits to be accepted before the next.
void forget_probes(const Lab& lab) {
  pollfd waiting{.fd = lab.far->get(), .events = POLLIN, .revents = 0};
  while (poll(&waiting, 1, 0) == 1) {
    const FileDescriptor probe(accept4(lab.far->get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(probe);
  }
}

StoodDown dead_man_of(const core::AttemptId& name) {
  const auto waiter = Waiter::start(kTimeout, {}).value();
  return stand_down(name, waiter).value();
}

}  // namespace

TEST_CASE("link_switch carries traffic by the other link, and puts back exactly what was there") {
  for (const char* by : {"metric", "replace"}) {
    INFO(by);
    Lab lab;
    if (!lab.net.ready()) return;
    const auto before = routes();
    CHECK(address_of_new_connection(lab) == "10.78.0.2");
    const auto action = lab.action(kGood + ", by: " + by);
    const auto made = plan(*action);
    CHECK(made.summary.find("default via 10.78.0.1 dev telecom metric 100") != std::string::npos);
    CHECK(made.lease->resource == "host/lab/link/default");
    const auto name = attempt(by);
    REQUIRE(apply_in_time(*action, request(made, name)).outcome == Applied::Done);
    CHECK(address_of_new_connection(lab) == "10.79.0.2");
    CHECK(action->apply(request(made, name), {}).outcome == Applied::WorldDiffers);
    CHECK(action->confirm(request(made, name), {}).answer == Confirmed::Applied);
    CHECK(dead_man_of(name) == StoodDown::Gone);

    const auto undo = action->plan_undo({kOrders, {}, name, made}, {}).value();
    REQUIRE(undo.steps.size() == 1);
    CHECK(action->confirm(request(undo, name), {}).answer == Confirmed::NotApplied);
    CHECK(action->apply(request(undo, name), {}).outcome == Applied::Done);
    CHECK(action->confirm(request(undo, name), {}).answer == Confirmed::Applied);
    CHECK(routes() == before);
    CHECK(address_of_new_connection(lab) == "10.78.0.2");
    CHECK(action->plan_undo({kOrders, {}, name, made}, {}).value().steps.empty());
  }
}

namespace {

const std::string kByRule = ", by: rule, table: 101";

// What an operator sets up once for switches by rule.
void prepare_rules() {
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "table", "101"}));
  REQUIRE(NetworkLab::run(
      {"ip", "rule", "add", "pref", "100", "lookup", "main", "suppress_prefixlength", "0"}));
}

}  // namespace

TEST_CASE("link_switch by rule carries traffic by the other link, and takes the rule away again") {
  Lab lab;
  if (!lab.net.ready()) return;
  const auto action = lab.action(kGood + kByRule);
  CHECK(action->plan({kOrders, {}}, {}).error().message.find("table 101") != std::string::npos);
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "table", "101"}));
  const auto unprepared = action->plan({kOrders, {}}, {});
  REQUIRE_FALSE(unprepared.has_value());
  CHECK(unprepared.error().message.find("suppress_prefixlength") != std::string::npos);
  REQUIRE(NetworkLab::run({"ip", "route", "del", "default", "table", "101"}));
  prepare_rules();
  const auto before = policy_rules().value();
  const auto made = plan(*action);
  const auto name = attempt("rule");
  REQUIRE(apply_in_time(*action, request(made, name)).outcome == Applied::Done);
  CHECK(address_of_new_connection(lab) == "10.79.0.2");
  CHECK(action->apply(request(made, name), {}).outcome == Applied::WorldDiffers);
  CHECK(action->confirm(request(made, name), {}).answer == Confirmed::Applied);
  CHECK_FALSE(action->plan({kOrders, {}}, {}).has_value());  // the priority is taken
  const auto undo = action->plan_undo({kOrders, {}, name, made}, {}).value();
  REQUIRE(undo.steps.size() == 1);
  CHECK(action->apply(request(undo, name), {}).outcome == Applied::Done);
  CHECK(action->confirm(request(undo, name), {}).answer == Confirmed::Applied);
  CHECK(policy_rules().value() == before);
  CHECK(address_of_new_connection(lab) == "10.78.0.2");
}

TEST_CASE("link_switch by rule: killed between apply and confirm, the rule is taken away") {
  Lab lab;
  if (!lab.net.ready()) return;
  prepare_rules();
  const auto before = policy_rules().value();
  const auto name = attempt("killed-rule");
  const auto action = lab.action(kGood + kByRule + ", dead_man: 10s");
  const auto made = plan(*action);
  const pid_t child = fork();
  if (child == 0) {
    (void)apply_in_time(*action, request(made, name));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(policy_rules().value() != before);
  CHECK(eventually([&] { return policy_rules().value() == before; }));
  CHECK(eventually([&] { return dead_man_of(name) == StoodDown::Gone; }));
  CHECK(action->confirm(request(made, name), {}).answer == Confirmed::NotApplied);
}

TEST_CASE("link_switch: what one link loses is not lost by the other, until the first is well") {
  Lab lab;
  if (!lab.net.ready()) return;
  if (!lab.net.lose_packets()) {
    puts("SKIP: no nftables here to lose packets with");
    return;
  }
  const auto sent_again = [&] {
    forget_probes(lab);
    const LabConnection connection(*lab.far, "10.9.0.1", kPort);
    connection.send(200'000);
    return connection.info().tcpi_total_retrans;
  };
  CHECK(sent_again() > 0);
  const auto action = lab.action(kGood);
  const auto made = plan(*action);
  const auto name = attempt("loss");
  REQUIRE(apply_in_time(*action, request(made, name)).outcome == Applied::Done);
  REQUIRE(action->confirm(request(made, name), {}).answer == Confirmed::Applied);
  // A busy machine acknowledges late at times, for which its TCP sends again.
  CHECK(eventually([&] { return sent_again() == 0; }));
  REQUIRE(lab.net.heal());
  const auto undo = action->plan_undo({kOrders, {}, name, made}, {}).value();
  REQUIRE(action->apply(request(undo, name), {}).outcome == Applied::Done);
  CHECK(address_of_new_connection(lab) == "10.78.0.2");
  CHECK(eventually([&] { return sent_again() == 0; }));
}

TEST_CASE("link_switch does nothing when what must answer does not over the new link") {
  Lab lab;
  if (!lab.net.ready()) return;
  const auto before = routes();
  for (const char* more : {"probe: '10.9.0.1:8081'", "probe: '10.78.0.1:8080'"}) {
    INFO(more);
    // Nobody at the port; the network of the other link, which the new one does not lead to.
    const auto action = lab.action(std::string(more) + ", dead_man: 30s");
    const auto made = plan(*action);
    if (std::string_view(more).find("10.78") != std::string_view::npos)
      REQUIRE(lab.net.run_far({"ip", "addr", "del", "10.79.0.1/24", "dev", "far1"}));
    const auto answer =
        action->apply({attempt("probe"), kOrders, made, 0, std::chrono::seconds(5)}, {});
    INFO(answer.evidence);
    CHECK(answer.outcome == Applied::Refused);
    CHECK(answer.evidence.find("before the switch") == 0);
    CHECK(routes() == before);
    CHECK(dead_man_of(attempt("probe")) == StoodDown::Gone);
  }
}

TEST_CASE("link_switch leaves alone what another changed, also when it is to be undone") {
  Lab lab;
  if (!lab.net.ready()) return;
  const auto action = lab.action(kGood + ", by: replace");
  const auto made = plan(*action);
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.9", "metric", "7"}));
  const auto theirs = routes();
  CHECK(action->apply(request(made, attempt("other")), {}).outcome == Applied::WorldDiffers);
  CHECK(action->plan_undo({kOrders, {}, "x", made}, {}).error().code == Errc::Conflict);
  CHECK(routes() == theirs);
}

TEST_CASE("link_switch: killed between apply and confirm, the host gets its route back") {
  Lab lab;
  if (!lab.net.ready()) return;
  const auto before = routes();
  const auto name = attempt("killed");
  const auto action = lab.action(kGood + ", by: replace, dead_man: 10s");
  const auto made = plan(*action);
  // The remediator: applies, and is gone before it can confirm.
  const pid_t child = fork();
  if (child == 0) {
    (void)apply_in_time(*action, request(made, name));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  REQUIRE(routes().front().way.interface == "unicom");
  CHECK(eventually([&] { return routes() == before; }));
  CHECK(eventually([&] { return dead_man_of(name) == StoodDown::Gone; }));
  CHECK(action->confirm(request(made, name), {}).answer == Confirmed::NotApplied);
}

TEST_CASE("link_switch: how long from the plan to the first packet on the new link") {
  Lab lab;
  if (!lab.net.ready()) return;
  const SystemClock clock;
  const auto action = lab.action(kGood);
  const auto start = clock.steady();
  const auto made = plan(*action);
  REQUIRE(apply_in_time(*action, request(made, attempt("time"))).outcome == Applied::Done);
  CHECK(address_of_new_connection(lab) == "10.79.0.2");
  const auto took = clock.steady() - start;
  CHECK(action->confirm(request(made, attempt("time")), {}).answer == Confirmed::Applied);
  std::printf("link_switch: plan to a connection over the new link: %.1f ms\n",
              std::chrono::duration<double, std::milli>(took).count());
}

}  // namespace fieldmedic

// failover against a real etcd of three and a real HAProxy.
#include "remediator/actions/failover.hpp"

#include <filesystem>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "remediator/reach/haproxy.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/etcd_cluster.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr const char* kHaproxy = R"(global
  stats socket {0}/admin.sock mode 600 level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind unix@{0}/in.sock
  default_backend collect
backend collect
  server lab 127.0.0.1:1
  server spare 127.0.0.1:2 check inter 100ms
)";

constexpr const char* kFailover = R"(
  failover:
    proof:
      etcd: {{urls: [{0}], key: "/leader/{{{{ target.name }}}}"}}
    promote: {{exec: {{argv: [/usr/bin/touch, "{1}/promoted"], at_most_once: true}}}}
    move: {{haproxy_drain: {{socket: "{1}/admin.sock", backend: collect, server: "{{{{ target.host }}}}", least: 0}}}}
    demote: {{exec: {{argv: [/bin/rm, "{1}/promoted"], at_most_once: true}}}}
)";

struct Lab {
  TempTree tree{{{"empty", ""}}};
  EtcdCluster etcd;
  ChildProgram haproxy{
      {"/usr/sbin/haproxy", "-db", "-f",
       tree.write("haproxy.cfg", fmt::format(fmt::runtime(kHaproxy), tree.root.string()))
           .string()}};
  Haproxy balance{(tree.root / "admin.sock").string()};
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  CurlHttpClient http;
  core::Plan plan;

  Lab() {
    REQUIRE(etcd.ready());
    // A standby that answers its checks only once it leads, as most do.
    REQUIRE(eventually([&] {
      const auto servers = balance.servers("collect", {});
      return servers && !servers->back().in_balance();
    }));
    auto made = action()->plan({kOrders, {}}, {});
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    plan = *std::move(made);
  }

  std::unique_ptr<Action> action() {
    ConfigErrors errors;
    const auto spec = read_action(parse_yaml(
        "test.yml",
        fmt::format(fmt::runtime(kFailover), fmt::join(etcd.urls(), ", "), tree.root.string()),
        errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.http = &http;
    return make_action(spec, tools).value();
  }
  ApplyAnswer apply(const core::Plan& of, std::size_t step, seconds timeout) {
    return action()->apply({own_attempt(), kOrders, of, step, timeout}, {});
  }
  // The sick one's key, held by a lease of so many seconds; 0: for good.
  void hold(int ttl) {
    if (ttl == 0) {
      REQUIRE_FALSE(
          etcd.ask("/v3/kv/put", R"({"key":"L2xlYWRlci9vcmRlcnM=","value":"bGFi"})").empty());
      return;
    }
    REQUIRE_FALSE(
        etcd.ask("/v3/lease/grant", fmt::format(R"({{"TTL":"{}","ID":"77"}})", ttl)).empty());
    REQUIRE_FALSE(
        etcd.ask("/v3/kv/put", R"({"key":"L2xlYWRlci9vcmRlcnM=","value":"bGFi","lease":"77"})")
            .empty());
  }
  bool promoted() const { return fs::exists(tree.root / "promoted"); }
  bool drained() { return balance.servers("collect", {}).value().front().administrative != 0; }
};

bool installed() {
  if (!EtcdCluster::installed()) return false;
  if (fs::exists("/usr/sbin/haproxy")) return true;
  std::cout << "SKIP: /usr/sbin/haproxy is not installed\n";
  return false;
}

}  // namespace

TEST_CASE("failover: the standby takes over once the lease of the sick one has run out") {
  if (!installed()) return;
  Lab lab;
  REQUIRE(lab.plan.steps.size() == 2);
  lab.hold(2);
  const auto promoted = lab.apply(lab.plan, 0, seconds(60));
  INFO(promoted.evidence);
  CHECK(promoted.outcome == Applied::Done);
  CHECK(lab.promoted());
  CHECK(lab.apply(lab.plan, 1, seconds(60)).outcome == Applied::Done);
  CHECK(lab.drained());

  const auto undo = lab.action()->plan_undo({kOrders, {}, own_attempt(), lab.plan}, {});
  INFO((undo ? std::string() : undo.error().message));
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 2);
  CHECK(lab.apply(*undo, 0, seconds(60)).outcome == Applied::Done);
  CHECK_FALSE(lab.drained());
  CHECK(lab.promoted());
  CHECK(lab.apply(*undo, 1, seconds(60)).outcome == Applied::Done);
  CHECK_FALSE(lab.promoted());
}

TEST_CASE("failover: while the sick one holds its key nobody is promoted") {
  if (!installed()) return;
  Lab lab;
  lab.hold(0);
  const auto answer = lab.apply(lab.plan, 0, seconds(4));
  CHECK(answer.outcome == Applied::Refused);
  CHECK(answer.evidence.ends_with("/leader/orders is still held in etcd"));
  CHECK_FALSE(lab.promoted());
}

TEST_CASE("failover: a member of etcd without its quorum proves nothing") {
  if (!installed()) return;
  Lab lab;
  SECTION("one of three away") {
    lab.etcd.end_member(0);
    CHECK(lab.apply(lab.plan, 0, seconds(60)).outcome == Applied::Done);
    CHECK(lab.promoted());
  }
  SECTION("two of three away") {
    lab.etcd.end_member(1);
    lab.etcd.end_member(2);
    CHECK(lab.apply(lab.plan, 0, seconds(8)).outcome == Applied::Refused);
    CHECK_FALSE(lab.promoted());
  }
}

}  // namespace fieldmedic

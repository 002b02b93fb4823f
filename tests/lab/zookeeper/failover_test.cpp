// The proof of a failover by a node in a real ZooKeeper of three.
#include "remediator/actions/failover.hpp"

#include <filesystem>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/remediator_program.hpp"
#include "tests/fakes/zookeeper_cluster.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using std::chrono::seconds;

struct Lab {
  TempTree tree{{{"empty", ""}}};
  ZookeeperCluster cluster;
  ZookeeperClient client{cluster};
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  std::string asks = R"(node: "/leader/{{ target.name }}")";

  Lab() {
    REQUIRE(client.ready());
    REQUIRE(client.make("/leader", ""));
  }

  std::unique_ptr<Action> action() {
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.self = kZookeeperHelper;
    ConfigErrors errors;
    const auto spec = read_action(
        parse_yaml("test.yml",
                   fmt::format(R"(
  failover:
    proof: {{zookeeper: {{servers: ["{}"], {}}}}}
    promote: {{exec: {{argv: [/usr/bin/touch, "{}/promoted"], at_most_once: true}}}}
)",
                               fmt::join(cluster.servers(), R"(", ")"), asks, tree.root.string()),
                   errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    return make_action(spec, tools).value();
  }
  core::Plan plan() {
    // Five seconds are little for a helper of the sanitizers' on a busy machine.
    auto made = action()->plan({kOrders, {}}, {});
    const bool planned =
        eventually([&] { return made || (made = action()->plan({kOrders, {}}, {})).has_value(); },
                   seconds(60));
    INFO((made ? std::string() : made.error().message));
    REQUIRE(planned);
    return *std::move(made);
  }
  ApplyAnswer apply(const core::Plan& of, seconds timeout) {
    return action()->apply({own_attempt(), kOrders, of, 0, timeout}, {});
  }
  bool promoted() const { return std::filesystem::exists(tree.root / "promoted"); }
};

}  // namespace

TEST_CASE("failover: the standby takes over once the session of the sick one has ended") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  std::optional<ZookeeperClient> sick(std::in_place, lab.cluster);
  REQUIRE(sick->ready());
  SECTION("by a node") {
    REQUIRE(sick->make("/leader/orders", "lab", ZOO_EPHEMERAL));
  }
  SECTION("by its candidates of an election") {
    lab.asks = R"(node: "/leader/*", holder: "{{ target.host }}")";
    REQUIRE(lab.client.make("/leader/a-n_", "spare", ZOO_EPHEMERAL | ZOO_SEQUENCE));
    REQUIRE(sick->make("/leader/b-n_", "lab", ZOO_EPHEMERAL | ZOO_SEQUENCE));
  }
  const core::Plan plan = lab.plan();
  // The last question may have had too little time for an answer.
  seconds patience(2);
  CHECK(eventually(
      [&] {
        patience *= 2;
        const auto answer = lab.apply(plan, patience);
        return answer.outcome == Applied::Refused &&
               answer.evidence.ends_with("is still held in ZooKeeper");
      },
      seconds(60)));
  CHECK_FALSE(lab.promoted());
  sick.reset();
  const auto promoted = lab.apply(plan, seconds(60));
  INFO(promoted.evidence);
  CHECK(promoted.outcome == Applied::Done);
  CHECK(lab.promoted());
}

TEST_CASE("failover: what no session holds in ZooKeeper proves nothing") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  std::string why;
  SECTION("a node that stays") {
    REQUIRE(lab.client.make("/leader/orders", "lab"));
    why = "/leader/orders is held by no session: that it goes would prove nothing";
  }
  SECTION("a place that is not there") {
    lab.asks = "node: /no/such";
    why = "ZooKeeper: /no: no node";
  }
  const auto plan = lab.action()->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message.ends_with(why));
}

TEST_CASE("failover: ZooKeeper without its quorum proves nothing") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  const core::Plan plan = lab.plan();
  SECTION("one of three away") {
    lab.cluster.end_server(0);
    CHECK(lab.apply(plan, seconds(60)).outcome == Applied::Done);
    CHECK(lab.promoted());
  }
  SECTION("two of three away") {
    lab.cluster.end_server(1);
    lab.cluster.end_server(2);
    CHECK(lab.apply(plan, seconds(8)).outcome == Applied::Refused);
    CHECK_FALSE(lab.promoted());
  }
}

}  // namespace fieldmedic

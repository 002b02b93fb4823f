// data_divert by a node in a real ZooKeeper of three.
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
using core::Confirmed;
using std::chrono::seconds;

constexpr const char* kNode = "/collect/orders";
constexpr const char* kRecord = "/collect/orders.fieldmedic";

struct Lab {
  TempTree tree{{{"password", "sesame\n"}}};
  ZookeeperCluster cluster;
  ZookeeperClient client{cluster};
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  std::string login;

  Lab() {
    REQUIRE(client.ready());
    REQUIRE(client.make("/collect", ""));
  }

  std::unique_ptr<Action> action() {
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.self = kZookeeperHelper;
    ConfigErrors errors;
    const auto spec =
        read_action(parse_yaml("test.yml",
                               fmt::format(R"(
  data_divert:
    zookeeper: {{servers: ["{}"], node: "/collect/{{{{ target.name }}}}"{}}}
    to: spare
)",
                                           fmt::join(cluster.servers(), R"(", ")"), login),
                               errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    return make_action(spec, tools).value();
  }
  Result<core::Plan> plan() {
    auto made = action()->plan({kOrders, {}}, {});
    UNSCOPED_INFO((made ? std::string() : made.error().message));
    return made;
  }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    auto undo = action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
    UNSCOPED_INFO((undo ? std::string() : undo.error().message));
    return undo;
  }
  Applied apply(const core::Plan& plan) {
    const auto answer = action()->apply({own_attempt(), kOrders, plan, 0, seconds(15)}, {});
    UNSCOPED_INFO(answer.evidence);
    return answer.outcome;
  }
  Confirmed confirm(const core::Plan& plan) {
    const auto answer = action()->confirm({own_attempt(), kOrders, plan, 0, seconds(15)}, {});
    UNSCOPED_INFO(answer.evidence);
    return answer.answer;
  }
};

}  // namespace

TEST_CASE("key_divert: a node in ZooKeeper is set, and put back exactly") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  const std::string own = GENERATE("own", "-");
  if (own != "-") REQUIRE(lab.client.make(kNode, own));
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->lease);
  CHECK(plan->lease->resource == "zookeeper/collect/orders");
  CHECK(lab.confirm(*plan) == Confirmed::InProgress);
  CHECK(lab.apply(*plan) == Applied::Done);
  CHECK(lab.client.get(kNode) == "spare");
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.apply(*plan) == Applied::WorldDiffers);  // never twice
  CHECK_FALSE(lab.plan());                           // nor over what is diverted

  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  CHECK(lab.apply(*undo) == Applied::Done);
  CHECK(lab.client.get(kNode) == own);
  CHECK(lab.client.get(kRecord) == "-");
  CHECK(lab.confirm(*undo) == Confirmed::Applied);
  const auto nothing = lab.plan_undo(*plan);
  REQUIRE(nothing);
  CHECK(nothing->steps.empty());
}

TEST_CASE("key_divert: a node in ZooKeeper that another changed is a person's") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  REQUIRE(lab.client.make(kNode, "own"));
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("before") {
    REQUIRE(lab.client.set(kNode, "own"));  // even to the same
    CHECK(lab.apply(*plan) == Applied::WorldDiffers);
    CHECK(lab.client.get(kNode) == "own");
  }
  SECTION("before, made anew with the same version") {
    REQUIRE(lab.client.remove(kNode));
    REQUIRE(lab.client.make(kNode, "own"));
    CHECK(lab.apply(*plan) == Applied::WorldDiffers);
    CHECK(lab.client.get(kNode) == "own");
  }
  SECTION("after") {
    REQUIRE(lab.apply(*plan) == Applied::Done);
    REQUIRE(lab.client.set(kNode, "spare"));
    const auto undo = lab.plan_undo(*plan);
    REQUIRE_FALSE(undo);
    CHECK(undo.error().code == Errc::Conflict);
    CHECK(lab.confirm(*plan) == Confirmed::NotApplied);
  }
}

TEST_CASE("key_divert: ZooKeeper without one server serves, without its quorum nothing is done") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  REQUIRE(lab.client.make(kNode, "own"));
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("one of three away") {
    lab.cluster.end_server(1);
    // Where the leader went, the others choose another first.
    REQUIRE(eventually([&] { return lab.apply(*plan) == Applied::Done; }));
    CHECK(lab.client.get(kNode) == "spare");
  }
  SECTION("two of three away") {
    lab.cluster.end_server(1);
    lab.cluster.end_server(2);
    CHECK(lab.apply(*plan) == Applied::Refused);
    CHECK(lab.confirm(*plan) == Confirmed::Unknown);
    const auto none = lab.plan();
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::Unavailable);
    CHECK_FALSE(lab.plan_undo(*plan));
  }
}

TEST_CASE("key_divert: who may not read the node may not read its record") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  REQUIRE(lab.client.log_in("medic:sesame"));
  REQUIRE(lab.client.make(kNode, "own", 0, &ZOO_CREATOR_ALL_ACL));
  CHECK_FALSE(lab.plan());  // nobody logs in
  lab.login = fmt::format(", user: medic, password_file: {}/password", lab.tree.root.string());
  const auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(lab.apply(*plan) == Applied::Done);
  CHECK(lab.client.get(kRecord) != "-");
  ZookeeperClient stranger(lab.cluster);
  REQUIRE(stranger.ready());
  CHECK(stranger.get(kRecord) == "-");
}

TEST_CASE("key_divert: a node of a session is left alone") {
  if (!ZookeeperCluster::installed()) return;
  Lab lab;
  REQUIRE(lab.client.make(kNode, "leader", ZOO_EPHEMERAL));
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message == "/collect/orders is held by a session, with which it goes");
}

}  // namespace fieldmedic

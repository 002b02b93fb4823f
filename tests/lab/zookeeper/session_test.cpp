// What a session asks of a real ZooKeeper of three, and what it cannot know.
#include "remediator/reach/zookeeper.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/remediator_program.hpp"
#include "tests/fakes/zookeeper_cluster.hpp"

namespace fieldmedic {

using std::chrono::seconds;

TEST_CASE("zookeeper: a server that has lost its quorum still reads, and is not asked alone") {
  if (!ZookeeperCluster::installed()) return;
  ZookeeperCluster cluster;
  ZookeeperClient client(cluster);
  REQUIRE(client.ready());
  REQUIRE(client.make("/route", "own"));
  const ZookeeperAccess first{{cluster.servers().front()}, "", ""};
  auto session = ZookeeperSession::open(first, kZookeeperHelper, seconds(10), {});
  REQUIRE(session);
  CHECK(session->ask_quorum("/route"));
  CHECK(session->ask_quorum("/no/such").error().code == Errc::NotFound);
  cluster.halt_server(1);
  cluster.halt_server(2);
  CHECK(session->get("/route").value().data == "own");  // whatever the others have by now
  const Status asked = session->ask_quorum("/route");
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == Errc::Timeout);
}

TEST_CASE("zookeeper: what cannot be done is told from what may have been done") {
  if (!ZookeeperCluster::installed()) return;
  ZookeeperCluster cluster;
  ZookeeperClient client(cluster);
  REQUIRE(client.ready());
  REQUIRE(client.make("/route", "own"));
  auto session =
      ZookeeperSession::open({cluster.servers(), "", ""}, kZookeeperHelper, seconds(20), {});
  REQUIRE(session);
  using Deed = ZookeeperOrder::Deed;
  const auto code = [&](const std::vector<ZookeeperOrder>& orders) {
    const Status done = session->order(orders);
    return done ? std::string("done") : std::string(to_string(done.error().code));
  };
  CHECK(code({{Deed::Set, "/route", "theirs", 7, {}}}) == "conflict");
  CHECK(code({{Deed::Delete, "/nowhere", {}, 0, {}}}) == "not_found");
  CHECK(code({{Deed::Create, "/route", "x", 0, "/"}}) == "conflict");
  // All or nothing: the first of the two would do.
  CHECK(code({{Deed::Set, "/route", "new", 0, {}}, {Deed::Delete, "/nowhere", {}, 0, {}}}) ==
        "not_found");
  CHECK(client.get("/route") == "own");
  CHECK(code({{Deed::Set, "/route", "new", 0, {}}, {Deed::Create, "/beside", "r", 0, "/route"}}) ==
        "done");
  CHECK(session->get("/route").value().changed == session->get("/beside").value().changed);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = ZookeeperSession::open({cluster.servers(), "", ""}, kZookeeperHelper,
                                              seconds(20), stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::Cancelled);
}

TEST_CASE("zookeeper: paths") {
  CHECK(zookeeper_parent("/a/b") == "/a");
  CHECK(zookeeper_parent("/a") == "/");
  for (const char* good : {"/a", "/a/b.c", "/a/..b"}) CHECK(is_zookeeper_path(good));
  for (const char* bad : {"", "/", "a", "/a/", "//a", "/a//b", "/a/./b", "/a/..", "/a\n"})
    CHECK_FALSE(is_zookeeper_path(bad));
}

}  // namespace fieldmedic

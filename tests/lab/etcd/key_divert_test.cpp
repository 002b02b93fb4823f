// data_divert by a key in a real etcd of three.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"
#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
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
using core::Confirmed;
using std::chrono::seconds;
namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kKey = "/collect/orders";

// Sends everything, and loses the answer to an order where it is told to.
class LossyHttp final : public HttpClient {
 public:
  bool loses = false;

  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) override {
    auto response = http_.send(request, std::move(stop));
    const bool order = request.body.find("compare") != std::string::npos;
    if (loses && order) return fail(Errc::Timeout, "the answer is lost");
    return response;
  }

 private:
  CurlHttpClient http_;
};

struct Lab {
  TempTree tree{{{"empty", ""}}};
  EtcdCluster etcd;
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  LossyHttp http;

  Lab() { REQUIRE(etcd.ready()); }

  std::unique_ptr<Action> action() {
    ConfigErrors errors;
    const auto spec =
        read_action(parse_yaml("test.yml",
                               fmt::format(R"(
  data_divert:
    etcd: {{urls: [{}], key: "/collect/{{{{ target.name }}}}"}}
    to: '{{"topic":"spare"}}'
    backlog: [/bin/echo, 12 records]
    replay: [/usr/bin/touch, "{}/replayed"]
)",
                                           fmt::join(etcd.urls(), ", "), tree.root.string()),
                               errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.http = &http;
    return make_action(spec, tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
  }
  Applied apply(const core::Plan& plan, std::size_t step = 0, seconds timeout = seconds(12)) {
    const auto answer = action()->apply({own_attempt(), kOrders, plan, step, timeout}, {});
    UNSCOPED_INFO(answer.evidence);
    return answer.outcome;
  }
  Confirmed confirm(const core::Plan& plan) {
    const auto answer = action()->confirm({own_attempt(), kOrders, plan, 0, seconds(12)}, {});
    UNSCOPED_INFO(answer.evidence);
    return answer.answer;
  }
  void put(const std::string& key, const std::string& value) {
    const Json body{{"key", encode_base64(key)}, {"value", encode_base64(value)}};
    REQUIRE(eventually([&] { return !etcd.ask("/v3/kv/put", body.dump()).empty(); }));
  }
  // "-": there is none.
  std::string get(const std::string& key) {
    const Json body{{"key", encode_base64(key)}};
    const Json answer = Json::parse(etcd.ask("/v3/kv/range", body.dump()));
    if (!answer.contains("kvs")) return "-";
    return decode_base64(answer["kvs"][0].value("value", "")).value();
  }
};

}  // namespace

TEST_CASE("key_divert: a key in etcd is set, and put back exactly") {
  if (!EtcdCluster::installed()) return;
  Lab lab;
  const std::string own = GENERATE("own", "-");
  if (own != "-") lab.put(kKey, own);
  const auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(plan->summary.ends_with("it leaves behind '12 records'"));
  REQUIRE(plan->lease);
  CHECK(plan->lease->resource == "etcd/collect/orders");
  CHECK(lab.confirm(*plan) == Confirmed::InProgress);
  CHECK(lab.apply(*plan) == Applied::Done);
  CHECK(lab.get(kKey) == R"({"topic":"spare"})");
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.apply(*plan) == Applied::WorldDiffers);  // never twice
  CHECK_FALSE(lab.plan());                           // nor over what is diverted

  const auto undo = lab.plan_undo(*plan);
  INFO((undo ? std::string() : undo.error().message));
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 2);
  CHECK(lab.apply(*undo, 0) == Applied::Done);
  CHECK(lab.get(kKey) == own);
  CHECK(lab.get(std::string(kKey) + ".fieldmedic") == "-");
  CHECK(lab.confirm(*undo) == Confirmed::Applied);
  CHECK(lab.apply(*undo, 1) == Applied::Done);
  CHECK(fs::exists(lab.tree.root / "replayed"));
  // A crash may have come between the two: what is left is planned.
  const auto rest = lab.plan_undo(*plan);
  REQUIRE(rest);
  REQUIRE(rest->steps.size() == 1);
  CHECK(rest->steps.front() == undo->steps.back());
  CHECK(rest->resources == undo->resources);
}

TEST_CASE("key_divert: an order whose answer is lost is settled by reading") {
  if (!EtcdCluster::installed()) return;
  Lab lab;
  lab.put(kKey, "own");
  const auto plan = lab.plan();
  REQUIRE(plan);
  lab.http.loses = true;
  CHECK(lab.apply(*plan) == Applied::Done);
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
}

TEST_CASE("key_divert: a key in etcd that another changed is a person's") {
  if (!EtcdCluster::installed()) return;
  Lab lab;
  lab.put(kKey, "own");
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("before") {
    lab.put(kKey, "own");  // even to the same
    CHECK(lab.apply(*plan) == Applied::WorldDiffers);
    CHECK(lab.get(kKey) == "own");
  }
  SECTION("after") {
    REQUIRE(lab.apply(*plan) == Applied::Done);
    lab.put(kKey, "theirs");
    const auto undo = lab.plan_undo(*plan);
    REQUIRE_FALSE(undo);
    CHECK(undo.error().code == Errc::Conflict);
  }
  SECTION("between the undo's plan and its change") {
    REQUIRE(lab.apply(*plan) == Applied::Done);
    const auto undo = lab.plan_undo(*plan);
    REQUIRE(undo);
    lab.put(kKey, "theirs");
    CHECK(lab.apply(*undo) == Applied::WorldDiffers);
    CHECK(lab.get(kKey) == "theirs");
  }
}

TEST_CASE("key_divert: etcd without one member serves, without its quorum nothing is done") {
  if (!EtcdCluster::installed()) return;
  Lab lab;
  lab.put(kKey, "own");
  auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("one of three away") {
    lab.etcd.end_member(1);
    // Where the leader went, the others choose another first; until then a change is refused.
    REQUIRE(eventually([&] { return lab.plan().has_value(); }));
    CHECK(lab.apply(*plan, 0, seconds(60)) == Applied::Done);
    CHECK(lab.get(kKey) == R"({"topic":"spare"})");
  }
  SECTION("two of three away") {
    lab.etcd.end_member(1);
    lab.etcd.end_member(2);
    CHECK(lab.apply(*plan) == Applied::Refused);
    CHECK(lab.confirm(*plan) == Confirmed::Unknown);
    const auto none = lab.plan();
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::Timeout);
    CHECK_FALSE(lab.plan_undo(*plan));
  }
}

TEST_CASE("key_divert: a key that somebody holds by a lease is left alone") {
  if (!EtcdCluster::installed()) return;
  Lab lab;
  REQUIRE_FALSE(lab.etcd.ask("/v3/lease/grant", R"({"TTL":"60","ID":"77"})").empty());
  const Json body{{"key", encode_base64(kKey)}, {"value", "b3du"}, {"lease", "77"}};
  REQUIRE_FALSE(lab.etcd.ask("/v3/kv/put", body.dump()).empty());
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message == "/collect/orders is held by a session, with which it goes");
}

}  // namespace fieldmedic

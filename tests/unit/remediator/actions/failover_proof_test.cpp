// failover: what proves that the sick one is out, and what does not.
#include <utility>

#include <nlohmann/json.hpp>

#include "remediator/actions/failover.hpp"
#include "tests/fakes/failover_lab.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using Lab = FailoverLab;

constexpr const char* kByLease = R"(
  failover:
    proof:
      etcd: {urls: ["http://a:2379/", "http://b:2379"], key: "/leader/{{ target.name }}"}
    promote: {exec: {argv: [/bin/promote], at_most_once: true}}
)";

// Each of its programs takes its time.
class SlowRunner final : public ProcessRunner {
 public:
  explicit SlowRunner(ManualClock& clock) : clock_(clock) {}

  void next(int code, milliseconds takes) { next_.emplace_back(code, takes); }
  Result<ProcessResult> run(const Command& command, std::stop_token) override {
    timeouts.push_back(command.timeout);
    const auto [code, takes] = next_.at(timeouts.size() - 1);
    clock_.advance(takes);
    return exited(code);
  }

  std::vector<milliseconds> timeouts;

 private:
  ManualClock& clock_;
  std::vector<std::pair<int, milliseconds>> next_;
};

}  // namespace

TEST_CASE("failover promotes nobody while nothing proves that the sick one is out") {
  struct Case {
    const char* name;
    Result<ProcessResult> proof;
  };
  const Case cases[] = {
      {"it is in", exited(1)},
      {"its program does not know", exited(3)},
      {"its program was killed", ProcessResult{0, 9, "", ""}},
      {"its program did not end in time", fail(Errc::Timeout, "too late")},
      {"its program is missing", fail(Errc::NotFound, "no such file")},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      Lab lab;
      const auto action = lab.action(kWhole);
      const auto plan = lab.plan(*action);
      lab.here.answer(c.proof);
      const auto answer = Lab::apply(*action, plan, 1);
      CHECK(answer.outcome == Applied::Refused);
      CHECK(answer.evidence.find("not promoted") == 0);
      CHECK(lab.ran() == std::vector<std::string>{"/bin/is-out"});
    }
}

TEST_CASE("nobody is fenced while the proof tells neither the one nor the other") {
  const Result<ProcessResult> cases[] = {exited(3), ProcessResult{0, 9, "", ""},
                                         fail(Errc::NotFound, "no such file")};
  for (const auto& answer : cases) {
    Lab lab;
    const auto action = lab.action(kWhole);
    lab.here.answer(answer);
    const auto plan = action->plan({kOrders, {{"shard", "a7"}}}, {});
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == Errc::Unavailable);
    CHECK(lab.ran() == std::vector<std::string>{"/bin/is-out"});
  }
}

TEST_CASE("failover waits for a proof that comes") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto plan = lab.plan(*action);
  lab.here.answer(exited(1));
  CHECK(Lab::apply(*action, plan, 1, milliseconds(30'000)).outcome == Applied::Done);
  CHECK(lab.ran() == std::vector<std::string>{"/bin/is-out", "/bin/is-out", "/bin/promote"});
}

TEST_CASE("what the proof takes is taken from the time of the promotion") {
  ManualClock clock;
  SlowRunner runner(clock);
  FakeSystemd systemd;
  ConfigErrors errors;
  const ActionTools tools{runner, clock, fleet(), {}, systemd};
  const auto action = make_action(read_action(parse_yaml("test.yml", kWhole, errors)), tools);
  REQUIRE(action.has_value());
  runner.next(1, milliseconds(0));
  const auto plan = (*action)->plan({kOrders, {{"shard", "a7"}}}, {});
  REQUIRE(plan.has_value());
  runner.next(1, milliseconds(20'000));
  runner.next(0, milliseconds(10'000));
  runner.next(0, milliseconds(1));
  CHECK(Lab::apply(**action, *plan, 1, milliseconds(60'000)).outcome == Applied::Done);
  CHECK(runner.timeouts == std::vector<milliseconds>{milliseconds(5'000), milliseconds(30'000),
                                                     milliseconds(10'000), milliseconds(30'000)});

  runner.next(0, milliseconds(60'000));  // longer than it was given
  CHECK(Lab::apply(**action, *plan, 1, milliseconds(60'000)).outcome == Applied::Refused);
  CHECK(runner.timeouts.size() == 5);  // nothing is promoted
}

TEST_CASE("a lease in etcd that ran out is a proof, of a quorum only") {
  struct Case {
    const char* name;
    int status;
    const char* body;
    Applied wanted;
  };
  const Case cases[] = {
      {"gone", 200,
       R"({"header":{"cluster_id":"3","member_id":"5","revision":"7","raft_term":"2"}})",
       Applied::Done},
      {"gone, counted", 200,
       R"({"header":{"cluster_id":"3","member_id":"5","raft_term":"2"},"count":"0","kvs":[]})",
       Applied::Done},
      {"held", 200,
       R"({"header":{"cluster_id":"3","member_id":"5","raft_term":"2"},"kvs":[{"key":"L2w="}],"count":"1"})",
       Applied::Refused},
      {"held, counted only", 200,
       R"({"header":{"cluster_id":"3","member_id":"5","raft_term":"2"},"count":"1"})",
       Applied::Refused},
      {"not etcd", 200, R"({"ok":true})", Applied::Refused},
      {"not etcd, of some header", 200, R"({"header":{"request_id":"9"}})", Applied::Refused},
      {"not etcd, its header a text", 200, R"({"header":"cluster_id"})", Applied::Refused},
      {"no JSON", 200, "<html>", Applied::Refused},
      {"no leader", 503, R"({"code":14,"message":"etcdserver: no leader"})", Applied::Refused},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      Lab lab;
      const auto action = lab.action(kByLease);
      const auto plan = lab.plan_by_lease(*action);
      CHECK_FALSE(plan.lease.has_value());  // nothing is said of how it goes back
      lab.http.answer(c.status, c.body);
      CHECK(Lab::apply(*action, plan, 0).outcome == c.wanted);
      const Json asked = Json::parse(lab.http.sent().at(1).body);
      CHECK(asked["key"] == "L2xlYWRlci9vcmRlcnM=");  // base64 of /leader/orders
      CHECK_FALSE(asked.contains("serializable"));
      CHECK(lab.http.sent().at(1).url == "http://a:2379/v3/kv/range");
    }
}

TEST_CASE("another member of etcd is asked when one does not answer") {
  Lab lab;
  const auto action = lab.action(kByLease);
  const auto plan = lab.plan_by_lease(*action);
  lab.http.answer(fail(Errc::Unavailable, "a is away"));
  lab.http.answer(200, R"({"header":{"cluster_id":"3","member_id":"5","raft_term":"2"}})");
  CHECK(Lab::apply(*action, plan, 0).outcome == Applied::Done);
  CHECK(lab.http.sent().back().url == "http://b:2379/v3/kv/range");
}

TEST_CASE("a proof is asked on its host or not at all") {
  Lab lab;
  const auto action = lab.action(R"(
    failover:
      proof:   {exec: {argv: [/bin/is-out], on: gone}}
      promote: {exec: {argv: [/bin/promote], at_most_once: true}}
  )");
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == Errc::Unavailable);
  CHECK_THAT(plan.error().message, Catch::Contains("no host gone is declared"));
  CHECK(lab.here.calls().empty());  // what is out here says nothing about there
}

}  // namespace fieldmedic

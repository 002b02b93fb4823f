#include "remediator/actions/failover.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kWhole = R"(
  failover:
    fence:   {exec: {argv: [/bin/fence, "{{ target.host }}"], at_most_once: true}}
    proof:   {exec: {argv: [/bin/is-out, "{{ target.host }}"]}}
    promote: {exec: {argv: [/bin/promote, spare], at_most_once: true}}
    move:    {exec: {argv: [/bin/move, "{{ labels.shard }}"], at_most_once: true}}
    demote:  {exec: {argv: [/bin/demote, spare], at_most_once: true}}
    unfence: {exec: {argv: [/bin/unfence, "{{ target.host }}"], at_most_once: true}}
)";

constexpr const char* kByLease = R"(
  failover:
    proof:
      etcd: {urls: ["http://a:2379/", "http://b:2379"], key: "/leader/{{ target.name }}"}
    promote: {exec: {argv: [/bin/promote], at_most_once: true}}
)";

constexpr const char* kHeld =
    R"({"header":{"cluster_id":"1","member_id":"2","raft_term":"3"},"kvs":[{"key":"L2w="}],"count":"1"})";

// The sick one is reached over SSH: nothing of the failover is to be done there.
std::shared_ptr<const Inventory> fleet() {
  return std::make_shared<const Inventory>(Inventory{
      {GroupSpec{"local", {HostSpec{"lab", Reach::Ssh}, HostSpec{"spare", Reach::Ssh}}, {}}}});
}

struct Lab {
  FakeRunner here;
  std::shared_ptr<FakeRunner> spare = std::make_shared<FakeRunner>();
  FakeSystemd systemd;
  FakeHttp http;
  ManualClock clock;

  std::unique_ptr<Action> action(const std::string& yaml) {
    ConfigErrors errors;
    const core::Spec spec = read_action(parse_yaml("test.yml", yaml, errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    auto far = std::make_shared<FarHosts>();
    (*far)["spare"] = {{}, spare, std::make_shared<FakeSystemd>()};
    ActionTools tools{here, clock, fleet(), {}, systemd};
    tools.far = far;
    tools.http = &http;
    return make_action(spec, tools).value();
  }
  // While the sick one is in.
  core::Plan plan(Action& action) {
    here.answer(ProcessResult{1, 0, "", ""});
    return planned(action);
  }
  core::Plan plan_by_lease(Action& action) {
    http.answer(200, kHeld);
    return planned(action);
  }
  core::Plan planned(Action& action) {
    auto plan = action.plan({kOrders, {{"shard", "a7"}}}, {});
    INFO((plan ? "" : plan.error().message));
    REQUIRE(plan.has_value());
    planned_ = here.calls().size();
    return *std::move(plan);
  }
  static ApplyAnswer apply(Action& action, const core::Plan& plan, std::size_t step,
                           milliseconds timeout = milliseconds(200)) {
    return action.apply({"test-1-1", kOrders, plan, step, timeout}, {});
  }
  // Since the plan.
  std::vector<Command> calls() const {
    auto all = here.calls();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(planned_));
    return all;
  }
  std::vector<std::string> ran() const {
    std::vector<std::string> programs;
    for (const Command& command : calls()) programs.push_back(command.argv.front());
    return programs;
  }

 private:
  std::size_t planned_ = 0;
};

ProcessResult exited(int code) {
  return {code, 0, "", ""};
}

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

TEST_CASE("failover fences, then proves, then promotes, then moves") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto plan = lab.plan(*action);
  REQUIRE(plan.steps.size() == 3);
  CHECK(plan.summary == "fence: run /bin/fence; promote: run /bin/promote; move: run /bin/move");
  CHECK(plan.resources == std::vector<std::string>{"host/lab"});
  REQUIRE(plan.lease.has_value());
  CHECK(plan.lease->when_away == core::WhenAway::Nobody);
  for (std::size_t step = 0; step < plan.steps.size(); ++step)
    CHECK(Lab::apply(*action, plan, step).outcome == Applied::Done);
  CHECK(lab.ran() ==
        std::vector<std::string>{"/bin/fence", "/bin/is-out", "/bin/promote", "/bin/move"});
  const auto calls = lab.calls();
  CHECK(calls[1].argv == std::vector<std::string>{"/bin/is-out", "lab"});
  CHECK(calls[3].argv == std::vector<std::string>{"/bin/move", "a7"});
  CHECK(calls[0].environment.front() == "FIELDMEDIC_ATTEMPT=test-1-1-fence");
  CHECK(calls[2].environment.front() == "FIELDMEDIC_ATTEMPT=test-1-1-promote");
}

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

TEST_CASE("a failover that is told to stop promotes nobody") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto plan = lab.plan(*action);
  lab.here.answer(exited(1));
  std::stop_source stop;
  stop.request_stop();
  const auto answer =
      action->apply({"test-1-1", kOrders, plan, 1, milliseconds(30'000)}, stop.get_token());
  CHECK(answer.outcome == Applied::Refused);
  CHECK(lab.ran() == std::vector<std::string>{"/bin/is-out"});
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

TEST_CASE("failover does on another host what says so, and locks that host") {
  Lab lab;
  const auto action = lab.action(R"(
    failover:
      proof:   {exec: {argv: [/bin/is-out], on: spare}}
      promote: {on: spare, exec: {argv: [/bin/promote], at_most_once: true}}
  )");
  constexpr std::size_t kBootId = 36;
  lab.spare->answer(exited(1));
  lab.spare->answer(ProcessResult{0, 0, std::string(kBootId, 'b'), ""});
  const auto plan = lab.planned(*action);
  CHECK(plan.resources == std::vector<std::string>{"host/spare", "host/lab/process/orders"});
  CHECK(Lab::apply(*action, plan, 0).outcome == Applied::Done);
  CHECK(lab.here.calls().empty());
  CHECK(lab.spare->calls()[2].argv == std::vector<std::string>{"/bin/is-out"});
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

TEST_CASE("failover goes back in reverse") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto made = lab.plan(*action);
  const auto undo = action->plan_undo({kOrders, {{"shard", "a7"}}, "test-1-1", made}, {});
  REQUIRE(undo.has_value());
  CHECK(undo->summary == "demote: run /bin/demote; unfence: run /bin/unfence");
  for (std::size_t step = 0; step < undo->steps.size(); ++step)
    CHECK(Lab::apply(*action, *undo, step).outcome == Applied::Done);
  CHECK(lab.ran() == std::vector<std::string>{"/bin/demote", "/bin/unfence"});
}

TEST_CASE("failover leaves to a person what cannot be looked up") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto plan = lab.plan(*action);
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    CHECK(plan.steps[step].confirmable == core::Confirmable::AtMostOnce);
    const auto answer = action->confirm({"test-1-1", kOrders, plan, step, milliseconds(200)}, {});
    CHECK(answer.answer == Confirmed::Unknown);
  }
  CHECK(lab.ran().empty());
}

TEST_CASE("failover is not of a group") {
  Lab lab;
  const core::Target group{core::TargetKind::Group, "", "", "local"};
  const auto plan = lab.action(kWhole)->plan({group, {{"shard", "a7"}}}, {});
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == Errc::Invalid);
}

TEST_CASE("a step that is no part of a failover is refused") {
  Lab lab;
  const auto action = lab.action(kWhole);
  auto plan = lab.plan(*action);
  for (const char* wanted : {"", "{}", R"({"stage":"wander","extra":"","wanted":"{}"})",
                             R"({"stage":"promote","extra":"","wanted":"{}"})"}) {
    plan.steps[1].wanted = wanted;
    CHECK(Lab::apply(*action, plan, 1).outcome == Applied::Refused);
  }
  CHECK(lab.ran().empty());
}

TEST_CASE("failover's lease keeps the sick one, the standby's host and what else it changes") {
  struct Case {
    const char* fence;
    const char* on;  // of promote
    std::vector<std::string> resources;
  };
  const Case cases[] = {
      {"fence: {exec: {argv: [/bin/f], at_most_once: true}}, ",
       "on: spare, ",
       {"host/lab", "host/spare"}},
      {"", "on: spare, ", {"host/spare", "host/lab/process/orders"}},
      {"", "", {"host/lab"}},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.fence << c.on) {
      Lab lab;
      const auto action = lab.action(fmt::format(
          "failover: {{{}promote: {{{}exec: {{argv: [/bin/p], at_most_once: true}}}}, proof: "
          "{{exec: {{argv: [/bin/is-out]}}}}, demote: {{exec: {{argv: [/bin/d], at_most_once: "
          "true}}}}}}",
          c.fence, c.on));
      lab.spare->answer(ProcessResult{0, 0, std::string(36, 'b'), ""});  // its boot id
      const auto plan = lab.plan(*action);
      CHECK(plan.resources == c.resources);
      REQUIRE(plan.lease.has_value());
      CHECK(plan.lease->also == c.resources);
    }
}

TEST_CASE("what makes no failover is refused where it is written") {
  struct Case {
    const char* yaml;
    const char* fault;
  };
  const Case cases[] = {
      {"failover: {proof: {exec: {argv: [/bin/x]}}}", "promote"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}}", "proof"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {}}",
       "exactly one of exec, etcd, zookeeper"},
      {"failover: {promote: {process_restart: {}}, proof: {exec: {argv: [/bin/x]}}}",
       "can be no part of another action"},
      {"failover: {promote: {systemd_restart: {}}, proof: {exec: {argv: [/bin/x]}}}",
       "it wants 'unit'"},
      {"failover: {promote: {exec: {argv: [x], at_most_once: true}}, proof: {exec: {argv: [y]}}}",
       "absolute path"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {etcd: {urls: "
       "[\"http://a:1\"], key: \"{{ nonsense }}\"}}}",
       "'key'"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {etcd: {urls: "
       "[\"http://a:1\"], key: k, cert_file: /c}}}",
       "wants a key_file"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {etcd: {urls: "
       "[\"http://a:1\"], key: k, ca_file: /nowhere/ca.pem}}}",
       "'ca_file' /nowhere/ca.pem"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {etcd: {urls: "
       "[\"http://a:1/?x=1\"], key: k}}}",
       "no query"},
      {"failover: {promote: {on: \"\", exec: {argv: [/bin/x], at_most_once: true}}, proof: {exec: "
       "{argv: [/bin/x]}}}",
       "'on' must not be empty"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {exec: {argv: "
       "[/bin/x], on: \"\"}}}",
       "'on' must not be empty"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {exec: {argv: "
       "[/bin/x]}}, unfence: {exec: {argv: [/bin/x], at_most_once: true}}}",
       "wants 'demote'"},
      {"failover: {promote: {on: spare, haproxy_drain: {socket: /s, backend: b, server: s}}, "
       "proof: {exec: {argv: [/bin/x]}}}",
       "HAProxy's socket"},
      {"failover: {promote: {failover: {}}, proof: {exec: {argv: [/bin/x]}}}", "no part"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {zookeeper: "
       "{servers: [\"a:1\"], node: /a/}}}",
       "a slash at its end"},
      {"failover: {promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: {zookeeper: "
       "{servers: [\"a:1\"], node: \"/a//*\"}}}",
       "without empty parts"},
      {"failover: {demotion: 1, promote: {exec: {argv: [/bin/x], at_most_once: true}}, proof: "
       "{exec: {argv: [/bin/x]}}}",
       "demotion"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.yaml) {
      ConfigErrors errors;
      (void)read_action(parse_yaml("test.yml", c.yaml, errors));
      CHECK(errors.text().find(c.fault) != std::string::npos);
    }
}

}  // namespace fieldmedic

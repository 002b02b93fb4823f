#include "remediator/actions/failover.hpp"

#include <fmt/core.h>

#include "tests/fakes/failover_lab.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;
using Lab = FailoverLab;

constexpr std::size_t kBootIdSize = 36;

}  // namespace

TEST_CASE("failover fences, then proves, then promotes, then moves") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto plan = lab.plan(*action);
  REQUIRE(plan.steps.size() == 3);
  CHECK(plan.summary ==
        "fence: run /bin/fence lab; promote: run /bin/promote spare; move: run /bin/move a7");
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

TEST_CASE("failover does on another host what says so, and locks that host") {
  Lab lab;
  const auto action = lab.action(R"(
    failover:
      proof:   {exec: {argv: [/bin/is-out], on: spare}}
      promote: {on: spare, exec: {argv: [/bin/promote], at_most_once: true}}
  )");
  lab.spare->answer(exited(1));
  lab.spare->answer(ProcessResult{0, 0, std::string(kBootIdSize, 'b'), ""});
  const auto plan = lab.planned(*action);
  CHECK(plan.resources == std::vector<std::string>{"host/spare", "host/lab/process/orders"});
  CHECK(Lab::apply(*action, plan, 0).outcome == Applied::Done);
  CHECK(lab.here.calls().empty());
  CHECK(lab.spare->calls()[2].argv == std::vector<std::string>{"/bin/is-out"});
}

// Without these whoever is asked reads the same of two hosts: "fence: run /usr/bin/systemctl".
TEST_CASE("failover says on which host each part is done, and with which arguments") {
  Lab lab;
  const auto action = lab.action(R"(
    failover:
      fence:   {exec: {argv: [/bin/fence, "{{ target.host }}"], at_most_once: true}}
      proof:   {exec: {argv: [/bin/is-out]}}
      promote: {on: spare, exec: {argv: [/bin/promote, --token, hunter2, now], at_most_once: true}}
  )");
  lab.here.answer(exited(1));
  lab.spare->answer(ProcessResult{0, 0, std::string(kBootIdSize, 'b'), ""});
  const auto plan = lab.planned(*action);
  CHECK(plan.summary ==
        "fence: run /bin/fence lab; promote on spare: run /bin/promote --token *** now");
}

TEST_CASE("failover planned again after a crash goes on with what it had moved") {
  Lab lab;
  const TempTree tree({{"route", "first\n"}, {"spare", "second\n"}});
  const auto action = lab.action(fmt::format(R"(
    failover:
      proof:   {{exec: {{argv: [/bin/is-out]}}}}
      promote: {{exec: {{argv: [/bin/promote], at_most_once: true}}}}
      move:    {{data_divert: {{file: {0}/route, to: {0}/spare, reload: [/bin/reload]}}}}
  )",
                                             tree.root.native()));
  const auto first = lab.plan(*action);
  REQUIRE(first.steps.size() == 3);
  REQUIRE(Lab::apply(*action, first, 1).outcome == Applied::Done);
  lab.here.answer(exited(1));
  const auto again = action->plan({kOrders, {{"shard", "a7"}}, {first}}, {});
  INFO((again ? "" : again.error().message));
  REQUIRE(again.has_value());
  CHECK(again->summary == first.summary);
  CHECK(Lab::apply(*action, *again, 1).outcome == Applied::Done);
  CHECK(Lab::apply(*action, *again, 2).outcome == Applied::Done);
  CHECK(lab.calls().back().argv == std::vector<std::string>{"/bin/reload"});
}

TEST_CASE("failover goes back in reverse") {
  Lab lab;
  const auto action = lab.action(kWhole);
  const auto made = lab.plan(*action);
  const auto undo = action->plan_undo({kOrders, {{"shard", "a7"}}, "test-1-1", made}, {});
  REQUIRE(undo.has_value());
  CHECK(undo->summary == "demote: run /bin/demote spare; unfence: run /bin/unfence lab");
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

// What bench/actions runs: an action from its plan to its proof, and in turn with it the program
// that people would use. Each round is a line of three numbers in microseconds: the action; the
// part of it that its target took; the program. The first round of each is not told.
//
//   bench_actions systemd COUNT BUS UNIT           beside systemctl restart
//   bench_actions docker COUNT SOCKET CONTAINER    beside docker restart
//   bench_actions link COUNT REMEDIATOR GATEWAY INTERFACE OWN_ADDRESS ADDRESS PORT
//       from the plan until a connection to ADDRESS goes by the interface, beside ip route replace
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/actions_timed.hpp"
#include "common/text_scan.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/container_restart.hpp"
#include "remediator/actions/link_switch.hpp"
#include "remediator/actions/systemd_restart.hpp"
#include "remediator/reach/docker_engine.hpp"
#include "remediator/reach/sd_bus_systemd.hpp"
#include "remediator/reach/tcp_connect.hpp"

namespace fieldmedic::bench {
namespace {

using core::Applied;
using core::Confirmed;
using Words = std::vector<std::string>;

constexpr std::chrono::milliseconds kTimeout{60'000};
const core::Target kTarget{core::TargetKind::Collector, "orders", "bench", "local"};

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(2);
}

std::shared_ptr<const Inventory> one_collector() {
  CollectorSpec collector;
  collector.name = kTarget.name;
  HostSpec host;
  host.name = kTarget.host;
  return std::make_shared<const Inventory>(
      Inventory{{GroupSpec{kTarget.group, {std::move(host)}, {std::move(collector)}}}});
}

// What the actions are made from here.
struct Tools {
  SystemClock clock;
  LocalProcessRunner runner;
  SdBusSystemd none{"unix:path=/nowhere"};
  std::shared_ptr<const Inventory> inventory = one_collector();

  ActionTools with(Systemd& systemd) {
    return {runner, clock, inventory, {"/proc", "/sys", "/"}, systemd};
  }
  void run(Words argv, Words environment = {}) {
    const auto ran =
        runner.run({.argv = std::move(argv), .environment = std::move(environment)}, {});
    if (!ran) give_up(ran.error().message);
    if (ran->exit_code != 0) give_up(ran->err);
  }
};

template <class T>
T value(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

void apply(Action& action, const core::Plan& plan, const std::string& attempt) {
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const ApplyAnswer answer = action.apply({attempt, kTarget, plan, step, kTimeout}, {});
    if (answer.outcome != Applied::Done) give_up(answer.evidence);
  }
}

void confirm(Action& action, const core::Plan& plan, const std::string& attempt) {
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const ConfirmAnswer answer = action.confirm({attempt, kTarget, plan, step, kTimeout}, {});
    if (answer.answer != Confirmed::Applied) give_up(answer.evidence);
  }
}

std::string attempt(int round) {
  return fmt::format("bench-{}-{}", getpid(), round);
}

microseconds timed(const Clock& clock, const std::function<void()>& work) {
  const SteadyTime start = clock.steady();
  work();
  return since(clock, start);
}

void tell(int round, microseconds ours, microseconds target, microseconds theirs) {
  if (round > 0)
    std::cout << ours.count() << ' ' << target.count() << ' ' << theirs.count() << std::endl;
}

// A restart, as a whole, in turn with the program that does the like.
void restarts(int count, Action& action, const microseconds& target, const Clock& clock,
              const std::function<void()>& rival) {
  for (int round = 0; round <= count; ++round) {
    const auto ours = timed(clock, [&] {
      const core::Plan plan = value(action.plan({kTarget, {}}, {}));
      apply(action, plan, attempt(round));
      confirm(action, plan, attempt(round));
    });
    tell(round, ours, target, timed(clock, rival));
  }
}

void systemd(int count, const Words& words) {
  Tools tools;
  SdBusSystemd real(words.at(0));
  TimedSystemd systemd(real, tools.clock);
  const auto action = value(
      make_systemd_restart(fmt::format(R"({{"unit":"{}"}})", words.at(1)), tools.with(systemd)));
  restarts(count, *action, systemd.taken, tools.clock, [&] {
    tools.run({"/usr/bin/systemctl", "--no-ask-password", "restart", words.at(1)},
              {"SYSTEMCTL_FORCE_BUS=1", "DBUS_SYSTEM_BUS_ADDRESS=" + words.at(0)});
  });
}

void docker(int count, const Words& words) {
  Tools tools;
  CurlHttpClient real;
  TimedHttp http(real, tools.clock);
  ActionTools with = tools.with(tools.none);
  with.containers = make_docker_engine({.socket = words.at(0)}, http, tools.clock);
  with.evidence = words.at(0) + ".evidence";
  const auto action = value(make_container_restart(
      fmt::format(R"({{"container":"{}","grace_ms":10000,"log_lines":5000}})", words.at(1)), with));
  restarts(count, *action, http.taken, tools.clock, [&] {
    tools.run({"/usr/bin/docker", "-H", "unix://" + words.at(0), "restart", words.at(1)});
  });
}

struct Far {
  std::string own;  // the address of this host on the link that is to carry it
  std::string address;
  std::uint16_t port = 0;
};

// The first packet of it, and the answer.
void connect_by_link(const Far& far) {
  const auto waiter = value(Waiter::start(kTimeout, {}));
  const auto connection = value(tcp_connect(far.address, far.port, waiter));
  sockaddr_in own{};
  socklen_t size = sizeof own;
  getsockname(connection.get(), reinterpret_cast<sockaddr*>(&own), &size);
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
  if (far.own != text) give_up(fmt::format("still goes by {}", text));
}

void link(int count, const Words& words) {
  Tools tools;
  Far far{words.at(3), words.at(4)};
  if (!to_number(words.at(5), far.port)) give_up("no port");
  ConfigErrors errors;
  const std::string arguments = read_link_switch(parse_yaml(
      "bench",
      fmt::format("{{interface: {}, gateway: {}, probe: '{}:{}', keeps: ['{}:{}']}}", words.at(2),
                  words.at(1), far.address, far.port, far.address, far.port),
      errors));
  if (!errors.empty()) give_up(errors.text());
  ActionTools with = tools.with(tools.none);
  with.self = words.at(0);
  const auto action = value(make_link_switch(arguments, with));
  const Words route{"default", "via", words.at(1), "dev", words.at(2), "metric", "50"};
  const auto ip = [&](Words argv) {
    argv.insert(argv.end(), route.begin(), route.end());
    tools.run(std::move(argv));
  };
  for (int round = 0; round <= count; ++round) {
    core::Plan plan;
    const auto ours = timed(tools.clock, [&] {
      plan = value(action->plan({kTarget, {}}, {}));
      apply(*action, plan, attempt(round));
      connect_by_link(far);
    });
    confirm(*action, plan, attempt(round));
    const core::Plan undo = value(action->plan_undo({kTarget, {}, attempt(round), plan}, {}));
    apply(*action, undo, attempt(round));
    const auto theirs = timed(tools.clock, [&] {
      ip({"ip", "route", "replace"});
      connect_by_link(far);
    });
    ip({"ip", "route", "del"});
    tell(round, ours, microseconds(0), theirs);
  }
}

int run(const Words& words) {
  int count = 0;
  if (words.size() < 5 || !to_number(words[2], count)) return 2;
  const Words rest(words.begin() + 3, words.end());
  if (words[1] == "systemd") systemd(count, rest);
  if (words[1] == "docker") docker(count, rest);
  if (words[1] == "link") link(count, rest);
  return 0;
}

}  // namespace
}  // namespace fieldmedic::bench

int main(int argc, char** argv) {
  return fieldmedic::bench::run({argv, argv + argc});
}

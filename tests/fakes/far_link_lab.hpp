// A host over SSH with two real links, and link_switch on it from behind them: a real sshd.
#pragma once

#include <signal.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "remediator/actions/link_switch.hpp"
#include "remediator/reach/ssh_connection.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/network_lab.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

// The remediator is the far host of the lab, 10.9.0.1, and the near one is the host over SSH,
// 10.5.0.1: what that answers goes by its default route.
struct FarLinkLab {
  static constexpr std::uint16_t kPort = 8080;

  NetworkLab net;
  std::optional<FileDescriptor> listener;
  std::optional<SshHost> host;
  FakeRunner here;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<const FarHosts> hosts;
  bool up = false;

  FarLinkLab() {
    if (const auto why = SshHost::why_not(); !net.ready() || !why.empty()) {
      if (!why.empty()) std::cout << "SKIP: " << why << '\n';
      return;
    }
    listener = net.listen_far(kPort);
    REQUIRE(NetworkLab::run({"ip", "addr", "add", "10.5.0.1/32", "dev", "lo"}));
    REQUIRE(
        net.run_far({"ip", "route", "add", "10.5.0.1/32", "via", "10.78.0.2", "src", "10.9.0.1"}));
    filter_by_way_back("0");
    host.emplace(SshHost::Home::Own, "", "10.5.0.1");
    REQUIRE(host->up);
    host->access.connect_timeout = std::chrono::seconds(10);
    hosts = reached();
    up = true;
  }
  // "1": the far host throws away what comes from 10.5.0.1 by another link than it would go there.
  void filter_by_way_back(const std::string& value) const {
    for (const std::string where : {"all", "far1"})
      REQUIRE(net.run_far({"/bin/sh", "-c",
                           "echo " + value + " >/proc/sys/net/ipv4/conf/" + where + "/rp_filter"}));
  }
  [[nodiscard]] std::shared_ptr<const FarHosts> reached() {
    FarHost far;
    far.access = host->access;
    far.runner = std::make_shared<SshConnection>(host->access, clock);
    auto made = std::make_shared<FarHosts>();
    made->emplace(kOrders.host, std::move(far));
    return made;
  }
  // As after a crash of the remediator: nothing of before is left.
  void lose_remediator() {
    for (const pid_t pid : host->sessions()) kill(pid, SIGKILL);
    hosts = reached();
  }
  [[nodiscard]] std::unique_ptr<Action> action(const std::string& more = {}) {
    ConfigErrors errors;
    const std::string read = read_link_switch(
        parse_yaml("t.yml",
                   "{interface: unicom, gateway: 10.79.0.1, probe: '10.9.0.1:8080'" +
                       std::string(more.contains("keeps") ? "" : ", keeps: []") + more + "}",
                   errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    ActionTools tools{here, clock, far_inventory_of({}), {}, systemd};
    tools.far = hosts;
    return make_link_switch(read, tools).value();
  }
  [[nodiscard]] core::Plan plan(const std::string& more = {}) {
    const auto planned = answered([&] { return action(more)->plan({kOrders, {}}, {}); });
    INFO((planned ? "" : planned.error().message));
    REQUIRE(planned.has_value());
    return *planned;
  }
  [[nodiscard]] ApplyAnswer apply(const core::Plan& plan, const std::string& more = {},
                                  const std::string& attempt = own_attempt()) {
    const ApplyRequest request{attempt, kOrders, plan, 0, std::chrono::seconds(20)};
    return net.on_far([&] { return action(more)->apply(request, {}); });
  }
  [[nodiscard]] ConfirmAnswer confirm(const core::Plan& plan, const std::string& more = {},
                                      const std::string& attempt = own_attempt()) {
    const ApplyRequest request{attempt, kOrders, plan, 0, std::chrono::seconds(20)};
    return net.on_far([&] { return action(more)->confirm(request, {}); });
  }
  // Once no answer is lost on the way any more.
  [[nodiscard]] ConfirmAnswer settled(const core::Plan& plan, const std::string& more = {},
                                      const std::string& attempt = own_attempt()) {
    ConfirmAnswer answer;
    CHECK(eventually([&] {
      answer = confirm(plan, more, attempt);
      return answer.answer != core::Confirmed::InProgress &&
             answer.answer != core::Confirmed::Unknown;
    }));
    return answer;
  }
  [[nodiscard]] Result<core::Plan> undo(const core::Plan& made) {
    return answered([&] { return action()->plan_undo({kOrders, {}, own_attempt(), made}, {}); });
  }
  [[nodiscard]] std::string record_of_dead_man() const {
    std::ifstream stream(host->path("home/.fieldmedic/dead_men/" + own_attempt() + ".0"));
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  // A busy machine may not answer in time: then it is asked again.
  template <class Ask>
  [[nodiscard]] Result<core::Plan> answered(const Ask& ask) {
    Result<core::Plan> answer = fail(Errc::Timeout, "not asked");
    REQUIRE(eventually([&] {
      answer = net.on_far(ask);
      return answer || answer.error().code != Errc::Timeout;
    }));
    return answer;
  }
};

}  // namespace fieldmedic

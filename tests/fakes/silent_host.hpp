// A host over SSH that does not answer, and an action host_reboot with its power.
#pragma once

#include <memory>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/host_reboot.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

struct SilentHost {
  using Json = nlohmann::json;
  static constexpr const char* kBoot = "0d5d2a9c-0000-4000-8000-00000000000b";

  // `power` is the action's own; `runner` and `http` are those of this machine.
  SilentHost(Json power, ProcessRunner& runner, HttpClient& http)
      : power_(std::move(power)), runner_(runner), http_(http) {}

  std::unique_ptr<Action> action() {
    ActionTools tools{runner_, clock, far_inventory_of({}), {}, own_systemd_};
    tools.http = &http_;
    FarHosts hosts = *far_hosts_of(far, systemd_);
    hosts.begin()->second.access = SshAccess{.address = "10.0.0.11", .user = "medic"};
    tools.far = std::make_shared<const FarHosts>(std::move(hosts));
    const Json arguments{
        {"drain", Json::array()}, {"without_drain", true}, {"own_host", false}, {"power", power_}};
    return make_host_reboot(arguments.dump(), tools).value();
  }

  // Of the next thing that it is asked.
  void is_silent() { far->answer(fail(Errc::Unavailable, "ssh: no answer in time")); }
  void answers(const std::string& text) { far->answer(ProcessResult{.out = text, .err = {}}); }
  void is_up_for(int seconds) {
    answers(std::string(kBoot) + "\n");
    answers(fmt::format("{}.52 7.01\n", seconds));
  }

  Result<core::Plan> plan() {
    is_silent();
    return action()->plan({kOrders, {}}, {});
  }
  // Of a host that is silent still.
  ApplyAnswer apply(const core::Plan& plan, std::chrono::milliseconds timeout) {
    is_silent();
    return action()->apply({"lab-1-1", kOrders, plan, 0, timeout}, {});
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return action()->confirm({"lab-1-1", kOrders, plan, 0, {}}, {});
  }

  ManualClock clock;
  std::shared_ptr<FakeRunner> far = std::make_shared<FakeRunner>();

 private:
  Json power_;
  ProcessRunner& runner_;
  HttpClient& http_;
  FakeSystemd own_systemd_;
  std::shared_ptr<FakeSystemd> systemd_ = std::make_shared<FakeSystemd>();
};

}  // namespace fieldmedic

// A systemd with one unit, which a test changes as it likes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

// Not thread-safe. By default the unit is active and a restart gives it a new invocation.
class FakeSystemd final : public Systemd {
 public:
  UnitState state{.id = "orders.service",
                  .load_state = "loaded",
                  .active_state = "active",
                  .sub_state = "running",
                  .invocation_id = "aaaa",
                  .result = "success",
                  .restarts = 0,
                  .job = 0};
  std::optional<Error> unreachable;  // every call answers it
  Result<std::string> job_result = std::string("done");
  std::function<void()> on_unit = [] {};
  std::chrono::milliseconds restart_timeout{0};  // what the last restart was given
  std::function<void()> on_restart = [this] { state.invocation_id = "bbbb"; };
  std::function<void()> on_stop = [] {};
  std::function<void()> on_start = [] {};
  std::map<std::string, std::string> others{};  // units beside it: name to active state
  std::vector<std::string> calls;               // "restart orders.service"

  Result<UnitState> unit(const std::string& name, const std::stop_token&) override {
    on_unit();
    if (unreachable) return fail(*unreachable);
    if (const auto other = others.find(name); other != others.end()) {
      UnitState found = state;
      found.id = name;
      found.active_state = other->second;
      return found;
    }
    return state;
  }
  Status reset_failed(const std::string& name, const std::stop_token&) override {
    calls.push_back("reset_failed " + name);
    if (unreachable) return fail(*unreachable);
    return {};
  }
  Result<std::string> run(UnitJob job, const std::string& name, std::chrono::milliseconds timeout,
                          const std::stop_token&) override {
    calls.push_back(std::string(to_string(job)) + " " + name);
    restart_timeout = timeout;
    if (unreachable) return fail(*unreachable);
    if (job == UnitJob::Restart) on_restart();
    if (job == UnitJob::Stop) on_stop();
    if (job == UnitJob::Start) on_start();
    return job_result;
  }
};

}  // namespace fieldmedic

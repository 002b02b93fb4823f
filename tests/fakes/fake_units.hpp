// A systemd with as many units as a test names, that starts and stops them. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

class FakeUnits final : public Systemd {
 public:
  std::map<std::string, UnitState> units;  // others are not found
  std::optional<Error> unreachable;        // every call answers it
  Result<std::string> job_result = std::string("done");
  bool lies = false;               // its jobs say that they are done, and do nothing
  std::vector<std::string> calls;  // "start orders@2.service"
  std::function<void()> on_unit = [] {};

  void add(const std::string& name, const std::string& active_state) {
    UnitState unit = bare(name, "loaded", active_state);
    unit.file_state = "disabled";
    if (active_state == "active") unit.invocation_id = "before-" + name;
    units[name] = unit;
  }
  // As a person would; systemd counts restarts of its own from there.
  void start(const std::string& name) {
    units[name].active_state = "active";
    units[name].invocation_id = "start-" + std::to_string(++starts_);
    units[name].restarts = 0;
  }
  void crash(const std::string& name) {
    const auto restarts = units[name].restarts + 1;
    start(name);
    units[name].restarts = restarts;
  }

  Result<UnitState> unit(const std::string& name, const std::stop_token&) override {
    on_unit();
    if (unreachable) return fail(*unreachable);
    const auto found = units.find(name);
    if (found != units.end()) return found->second;
    return bare(name, "not-found", "inactive");
  }
  Status reset_failed(const std::string&, const std::stop_token&) override { return {}; }
  Result<std::string> run(UnitJob job, const std::string& name, std::chrono::milliseconds,
                          const std::stop_token&) override {
    calls.push_back(std::string(to_string(job)) + " " + name);
    if (unreachable) return fail(*unreachable);
    if (lies || !job_result || *job_result != "done") return job_result;
    if (job == UnitJob::Stop)
      units[name].active_state = "inactive";
    else
      start(name);
    return job_result;
  }

 private:
  static UnitState bare(const std::string& name, const char* load_state,
                        const std::string& active_state) {
    UnitState unit;
    unit.id = name;
    unit.load_state = load_state;
    unit.active_state = active_state;
    return unit;
  }

  int starts_ = 0;
};

}  // namespace fieldmedic

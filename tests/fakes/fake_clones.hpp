// A container engine with as many containers as a test makes. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

class FakeClones final : public ContainerEngine {
 public:
  std::map<std::string, ContainerState> containers;  // by name
  std::optional<Error> unreachable;                  // every call answers it
  std::optional<Error> refuses;                      // every change answers it
  bool lies = false;                                 // changes are answered well and not made
  std::optional<WallTime> told_to_end;
  std::function<void()> on_inspect = [] {};
  std::vector<std::string> calls;  // "clone orders-fieldmedic-2"

  void add(const std::string& name, const std::string& clone_of = "") {
    ContainerState container;
    container.id = "id-" + std::to_string(++made_);
    container.name = name;
    container.status = "created";
    container.started_at = "0001-01-01T00:00:00Z";
    container.inspect =
        R"({"Id":")" + container.id + R"(","Image":"i","Config":{},"HostConfig":{}})";
    container.clone_of = clone_of;
    containers[name] = container;
  }
  // As a person would; the engine counts restarts of its own from there.
  void start(const std::string& name) {
    ContainerState& container = containers[name];
    container.status = "running";
    container.running = true;
    container.started_at = "start " + std::to_string(++starts_);
    container.restarts = 0;
  }
  void crash(const std::string& name) {
    const auto restarts = containers[name].restarts + 1;
    start(name);
    containers[name].restarts = restarts;
  }
  void end(const std::string& name) {
    containers[name].status = "exited";
    containers[name].running = false;
  }

  Result<ContainerState> inspect(const std::string& container, const std::stop_token&) override {
    on_inspect();
    if (unreachable) return fail(*unreachable);
    for (const auto& [name, state] : containers)
      if (name == container || state.id == container) return state;
    return fail(Errc::NotFound, "no such container: " + container);
  }
  Status clone(const ContainerState& source, const std::string& name, const std::string& attempt,
               const std::stop_token&) override {
    return change("clone " + name, [&] {
      add(name, source.id);
      containers[name].clone_made_by = attempt;
    });
  }
  Status start(const std::string& id, std::chrono::milliseconds, const std::stop_token&) override {
    return change("start " + name_of(id), [&] { start(name_of(id)); });
  }
  Status stop(const std::string& id, std::chrono::seconds, std::chrono::milliseconds,
              const std::stop_token&) override {
    return change("stop " + name_of(id), [&] { end(name_of(id)); });
  }
  Status remove(const std::string& id, const std::stop_token&) override {
    return change("remove " + name_of(id), [&] { containers.erase(name_of(id)); });
  }
  Result<std::optional<WallTime>> last_stop(const std::string&, WallTime,
                                            const std::stop_token&) override {
    return told_to_end;
  }
  Result<std::string> logs(const ContainerState&, int, const std::stop_token&) override {
    return std::string();
  }
  Status restart(const std::string& id, std::chrono::seconds, std::chrono::milliseconds,
                 const std::stop_token&) override {
    return change("restart " + name_of(id), [&] { start(name_of(id)); });
  }

 private:
  Status change(std::string what, const std::function<void()>& make) {
    calls.push_back(std::move(what));
    if (unreachable) return fail(*unreachable);
    if (refuses) return fail(*refuses);
    if (!lies) make();
    return {};
  }
  [[nodiscard]] std::string name_of(const std::string& id) const {
    for (const auto& [name, state] : containers)
      if (state.id == id) return name;
    return "nothing";
  }

  int made_ = 0;
  int starts_ = 0;
};

}  // namespace fieldmedic

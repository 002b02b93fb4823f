// A container engine with one container, which a test changes as it likes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

// Not thread-safe. By default the container runs and a restart gives it a new start.
class FakeContainers final : public ContainerEngine {
 public:
  ContainerState state{.id = "c0ffee",
                       .name = "orders",
                       .image = "sha256:1",
                       .status = "running",
                       .running = true,
                       .started_at = "2026-01-01T00:00:00Z",
                       .health = "",
                       .owner = "",
                       .exit_code = 0,
                       .restarts = 0,
                       .tty = false,
                       .inspect = R"({"Config":{"Env":["TOKEN=s3cret","EMPTY"]}})"};
  std::optional<Error> unreachable;  // every call answers it
  Result<std::string> log = std::string("line\n");
  Result<std::optional<WallTime>> stopped = std::optional<WallTime>();
  Status restarted;
  std::function<void()> on_inspect = [] {};
  std::function<void()> on_restart = [this] { state.started_at = "2026-01-01T00:01:00Z"; };
  std::vector<std::string> calls;  // "restart c0ffee 10"
  std::chrono::milliseconds restart_timeout{0};

  Result<ContainerState> inspect(const std::string& container, const std::stop_token&) override {
    on_inspect();
    if (unreachable) return fail(*unreachable);
    if (container != state.id && container != state.name) return fail(Errc::NotFound, "no such");
    return state;
  }
  Result<std::string> logs(const ContainerState& container, int lines,
                           const std::stop_token&) override {
    calls.push_back("logs " + container.id + " " + std::to_string(lines));
    return log;
  }
  Status restart(const std::string& id, std::chrono::seconds grace,
                 std::chrono::milliseconds timeout, const std::stop_token&) override {
    calls.push_back("restart " + id + " " + std::to_string(grace.count()));
    restart_timeout = timeout;
    if (!restarted) return restarted;
    on_restart();
    return {};
  }
  Status clone(const ContainerState&, const std::string& name, const std::string&,
               const std::stop_token&) override {
    calls.push_back("clone " + name);
    return {};
  }
  Status start(const std::string& id, std::chrono::milliseconds, const std::stop_token&) override {
    calls.push_back("start " + id);
    return {};
  }
  Status stop(const std::string& id, std::chrono::seconds, std::chrono::milliseconds,
              const std::stop_token&) override {
    calls.push_back("stop " + id);
    return {};
  }
  Status remove(const std::string& id, const std::stop_token&) override {
    calls.push_back("remove " + id);
    return {};
  }
  Result<std::optional<WallTime>> last_stop(const std::string&, WallTime,
                                            const std::stop_token&) override {
    return stopped;
  }
};

}  // namespace fieldmedic

// A host's container engine, as far as actions need it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// A name or an id, as Docker allows them: [A-Za-z0-9][A-Za-z0-9_.-]*, at most 128 bytes. Nothing
// else may become part of a request's path.
[[nodiscard]] bool is_container_name(std::string_view name);

struct ContainerState {
  std::string id;      // 64 hex digits: the container, whatever its name means later
  std::string name;    // without the engine's leading '/'
  std::string image;   // the image's id
  std::string status;  // created running paused restarting removing exited dead
  bool running = false;
  std::string started_at;       // as the engine writes it; new with every start
  std::string health;           // starting healthy unhealthy; empty without a health check
  std::string owner;            // who else starts it: "the systemd unit x.service"; empty: nobody
  std::int64_t exit_code = 0;   // of the last run, while it is not running
  std::int64_t restarts = 0;    // by the restart policy
  bool tty = false;             // its log is one raw stream
  std::string inspect;          // the engine's whole answer, JSON
  std::string clone_of{};       // of a clone of ours: the id of the container that it is a clone of
  std::string clone_made_by{};  // and the attempt that made it
};

// Errors everywhere here. Nothing was changed: Errc::Unavailable (no engine), Denied (its socket is
// not for us), NotFound (no such container), Conflict, Invalid (the engine speaks no version of
// ours). The outcome is unknown: Errc::Timeout, Cancelled, Io, Malformed, TooLarge.
class ContainerEngine {
 public:
  virtual ~ContainerEngine() = default;
  // Thread-safe, all of them. By name or id.
  [[nodiscard]] virtual Result<ContainerState> inspect(const std::string& container,
                                                       const std::stop_token& stop) = 0;
  // The last `lines` of what it wrote, both streams in the engine's order; fewer where they are too
  // long. Errc::Io when its log driver cannot be read.
  [[nodiscard]] virtual Result<std::string> logs(const ContainerState& container, int lines,
                                                 const std::stop_token& stop) = 0;
  // Ends it (its stop signal, SIGKILL after `grace`) and starts it again; waits for both until
  // `timeout`.
  [[nodiscard]] virtual Status restart(const std::string& id, std::chrono::seconds grace,
                                       std::chrono::milliseconds timeout,
                                       const std::stop_token& stop) = 0;
  // Makes, and does not start, a container of this name with all that `source` has but what no two
  // can have (docker_clone.hpp), marked as a clone. Errc::Conflict also when the name is taken.
  [[nodiscard]] virtual Status clone(const ContainerState& source, const std::string& name,
                                     const std::string& attempt, const std::stop_token& stop) = 0;
  // One that runs already stays as it is.
  [[nodiscard]] virtual Status start(const std::string& id, std::chrono::milliseconds timeout,
                                     const std::stop_token& stop) = 0;
  // Ends it as restart does.
  [[nodiscard]] virtual Status stop(const std::string& id, std::chrono::seconds grace,
                                    std::chrono::milliseconds timeout,
                                    const std::stop_token& stop) = 0;
  // With the volumes that have no name. Errc::Conflict: it runs.
  [[nodiscard]] virtual Status remove(const std::string& id, const std::stop_token& stop) = 0;
  // When it was last told to end, or ended, since `since`; none when it was not. Errc::Unavailable
  // too when the engine does not remember as far back.
  [[nodiscard]] virtual Result<std::optional<WallTime>> last_stop(const std::string& id,
                                                                  WallTime since,
                                                                  const std::stop_token& stop) = 0;
};

}  // namespace fieldmedic

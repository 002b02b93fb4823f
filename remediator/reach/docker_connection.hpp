// Requests to a container engine that speaks the Docker Engine API, in a version that both know.
// Internal to reach/.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "common/http_client.hpp"
#include "remediator/reach/docker_answers.hpp"
#include "remediator/reach/engine_access.hpp"

namespace fieldmedic {

struct DockerCall {
  std::string method = "GET";
  std::string path;                          // "/containers/json", without a version
  std::chrono::milliseconds timeout{5'000};  // enough for what only reads
  std::size_t most = 4UL << 20;              // bytes of the answer
  std::string body{};                        // JSON
  std::string podman_path{};                 // for Podman; empty: as `path`
};

// Thread-safe. Errors are those of container_engine.hpp.
class DockerConnection {
 public:
  // `http` must outlive it. Connects to nothing yet.
  DockerConnection(EngineAccess access, HttpClient& http)
      : access_(std::move(access)), http_(http) {}

  // The version is negotiated before each change, and anew when a reading fails.
  [[nodiscard]] Result<HttpResponse> call(const DockerCall& call, const std::stop_token& stop);
  [[nodiscard]] Status change(const DockerCall& call, const std::stop_token& stop);

  // How far the engine's clock is ahead of ours (engine_clock.hpp); 0 behind a socket, which is of
  // this machine.
  [[nodiscard]] Result<std::chrono::milliseconds> clock_ahead(const Clock& clock,
                                                              const std::stop_token& stop);

 private:
  // What was agreed on with the engine.
  struct Terms {
    ApiVersion version;
    enum class Kind { Docker, Podman } kind = Kind::Docker;
    std::string date{};  // of the engine's answer
  };

  [[nodiscard]] Status reachable() const;
  [[nodiscard]] Result<HttpResponse> send(const DockerCall& call, const std::string& path,
                                          const std::stop_token& stop);
  [[nodiscard]] Result<Terms> agree(const std::stop_token& stop);
  [[nodiscard]] std::optional<Terms> known_terms();
  [[nodiscard]] static std::string path_of(const DockerCall& call, const Terms& terms);

  EngineAccess access_;
  HttpClient& http_;
  std::mutex mutex_;
  std::optional<Terms> terms_;  // last agreed on; for what only reads
};

}  // namespace fieldmedic

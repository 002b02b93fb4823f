// Docker, or Podman's socket that speaks like it, through the Docker Engine API over a Unix socket.
#pragma once

#include <memory>
#include <string>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

// `socket` is the path of the engine's socket; `http` and `clock` must outlive the answer. The API
// version is negotiated before each change, and anew when a reading fails: an engine may be updated
// under us.
// https://docs.docker.com/reference/api/engine/
[[nodiscard]] std::shared_ptr<ContainerEngine> make_docker_engine(std::string socket,
                                                                  HttpClient& http,
                                                                  const Clock& clock);

}  // namespace fieldmedic

// Docker, or Podman's socket that speaks like it, through the Docker Engine API over a
// Unix socket, or TCP with TLS.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "remediator/reach/container_engine.hpp"
#include "remediator/reach/engine_access.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

// `http` and `clock` must outlive the answer. The API version is negotiated before each change, and
// anew when a reading fails: an engine may be updated under us.
// https://docs.docker.com/reference/api/engine/
[[nodiscard]] std::shared_ptr<ContainerEngine> make_docker_engine(EngineAccess access,
                                                                  HttpClient& http,
                                                                  const Clock& clock);

// Those of hosts that name one of their own, by host. Connects to none yet.
using HostEngines = std::map<std::string, std::shared_ptr<ContainerEngine>, std::less<>>;
[[nodiscard]] std::shared_ptr<const HostEngines> make_host_engines(const Inventory& inventory,
                                                                   HttpClient& http,
                                                                   const Clock& clock);

}  // namespace fieldmedic

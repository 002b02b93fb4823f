// The answers of the Docker Engine API, read. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

struct ApiVersion {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const ApiVersion&, const ApiVersion&) = default;
};

// The older of ours and the server's; Errc::Invalid when that is too old for us. `header` is the
// Api-Version of GET /_ping. "1.9" is older than "1.10".
[[nodiscard]] Result<ApiVersion> negotiate(std::string_view header);

// GET /containers/{id}/json. Errc::Malformed when it lacks what we need.
[[nodiscard]] Result<ContainerState> read_container(std::string body);

// GET /events: when this container was last told to end, or ended. The engine keeps its last 256
// events: Errc::Unavailable when they begin after `since`, because then nothing is proved.
[[nodiscard]] Result<std::optional<WallTime>> read_last_stop(std::string_view events,
                                                             std::string_view id, WallTime since);

// {"message": "…"} of an error; the body itself, cut, where it is not that.
[[nodiscard]] std::string read_message(std::string_view body);

}  // namespace fieldmedic

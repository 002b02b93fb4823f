// What creates a clone of a container. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// Labels of a clone: the id of the container that it is a clone of, and the attempt that made it.
inline constexpr const char* kCloneOf = "fieldmedic.clone-of";
inline constexpr const char* kCloneMadeBy = "fieldmedic.attempt";

struct CloneMark {
  std::string of;
  std::string made_by;
};

// The body of POST /containers/create, from the answer of GET /containers/{id}/json: the same
// image, configuration, mounts and networks, but for what two containers cannot both have (name and
// host name, addresses) and the labels by which docker compose knows its own. Errc::Conflict where
// no two can run: a published port of the host; Malformed: it describes no container.
[[nodiscard]] Result<std::string> clone_body(std::string_view inspect, const CloneMark& mark);

}  // namespace fieldmedic

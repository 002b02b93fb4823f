// What a container wrote, out of the engine's stream of frames.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic {

// Docker Engine API, "attach to a container", stream format: frames of {stream, 0, 0, 0, length as
// a big-endian u32} and so many bytes. Streams 0 to 2 are kept in their order, others left out. A
// frame that is cut keeps what is there; what does not begin like a frame ends the reading.
// Containers with a terminal have no frames: ContainerState::tty tells, never the content.
[[nodiscard]] std::string demultiplex(std::string_view stream);

}  // namespace fieldmedic

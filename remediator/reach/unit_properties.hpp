// What systemd tells of a unit, out of a{sv}. Internal to reach/.
#pragma once

#include "common/result.hpp"
#include "remediator/reach/systemd.hpp"

struct sd_bus_message;

namespace fieldmedic {

// Reads `message` to its end. Errc::Io: it is no such answer, or lacks what every unit has.
[[nodiscard]] Result<UnitState> read_unit_properties(sd_bus_message* message);

}  // namespace fieldmedic

// What a Redfish service says of a system and its chassis: JSON, of which no more than is needed is
// read. Pure. DSP0266 and DSP2046 of the DMTF.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "remediator/reach/power.hpp"

namespace fieldmedic {

struct RedfishSystem {
  PowerSight sight{};
  std::string reset_path{};    // where a reset is posted to
  std::string info_path{};     // where the resets that it takes are, if not with it
  std::string chassis_path{};  // of the first; empty: none
};

// Malformed: it is no ComputerSystem, says no PowerState, or names a path that leads elsewhere.
[[nodiscard]] Result<RedfishSystem> read_redfish_system(std::string_view json);

// The resets of an ActionInfo; what we know nothing of is left out.
[[nodiscard]] std::vector<PowerReset> read_action_info(std::string_view json);

// What a chassis, its Thermal or its Power says is not well, for people, and the worst of it.
struct RedfishParts {
  HardwareHealth health = HardwareHealth::Unknown;
  std::vector<std::string> sick{};  // "CPU1 Temp Critical", at most eight
  std::string thermal_path{};       // of a chassis
  std::string power_path{};
};
[[nodiscard]] RedfishParts read_redfish_parts(std::string_view json);

// A path of the service itself: nothing in it leads to another server or out of /redfish/.
[[nodiscard]] bool is_redfish_path(std::string_view path);

// What an answer other than 2xx says, with what to do. Denied, Invalid, NotFound, Unavailable:
// nothing was changed; Io: that is not known. Without `password`, also where it is sent back.
[[nodiscard]] Error explain_redfish_refusal(const HttpResponse& answer, std::string_view asked,
                                            const Secret& password);

}  // namespace fieldmedic

// How host_reboot reaches a host's power, as read and as journaled. Internal to actions/.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"
#include "remediator/reach/ipmi.hpp"
#include "remediator/reach/power.hpp"
#include "remediator/reach/redfish.hpp"

namespace fieldmedic {

// A host whose hardware is Critical, or of which that is not known.
enum class SickHardware { Refused, Allowed };

// Of the password the file's path only. Addresses, URLs and systems are templates over
// {{ target.host }}.
struct PowerOrder {
  std::variant<RedfishAccess, IpmiAccess> access;
  PowerReset reset = PowerReset::ForceRestart;
  SickHardware sick_hardware = SickHardware::Refused;
};

// {redfish: {…} or ipmi: {…}, reset, sick_hardware}. Records every error at its key.
[[nodiscard]] PowerOrder read_power_order(const YamlMap& map);

// Canonical JSON, and back. Errc::Invalid when it does not fit, or holds what reading refuses.
[[nodiscard]] std::string power_order_json(const PowerOrder& order);
[[nodiscard]] Result<PowerOrder> parse_power_order(const std::string& json);

// That of one host. Good as long as `tools`. Errc::Invalid: what is filled in fits nowhere.
[[nodiscard]] Result<std::unique_ptr<HostPower>> power_of(const PowerOrder& order,
                                                          const std::string& host,
                                                          const ActionTools& tools);

}  // namespace fieldmedic

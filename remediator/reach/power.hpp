// The power of a host, switched past its operating system by its management controller (BMC).
#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

enum class HardwareHealth { Ok, Warning, Critical, Unknown };

[[nodiscard]] constexpr std::string_view to_string(HardwareHealth health) {
  switch (health) {
    case HardwareHealth::Ok: return "OK";
    case HardwareHealth::Warning: return "Warning";
    case HardwareHealth::Critical: return "Critical";
    case HardwareHealth::Unknown: return "unknown";
  }
  return "invalid";
}

// By the names of Redfish.
enum class PowerReset {
  GracefulRestart,  // asks the operating system
  ForceRestart,
  PowerCycle,  // off and on again
};

[[nodiscard]] constexpr std::string_view to_string(PowerReset reset) {
  switch (reset) {
    case PowerReset::GracefulRestart: return "GracefulRestart";
    case PowerReset::ForceRestart: return "ForceRestart";
    case PowerReset::PowerCycle: return "PowerCycle";
  }
  return "invalid";
}

struct PowerSight {
  bool is_on = false;
  std::string state{};  // as the controller says it: "On", "PoweringOff"
  HardwareHealth health = HardwareHealth::Unknown;  // the worst of what it tells
  std::string evidence{};         // one line for people: "health OK; PSU1 Critical"
  std::string last_reset{};       // when it says that the last one was; empty: it does not say
  std::vector<PowerReset> can{};  // what it would take

  [[nodiscard]] bool takes(PowerReset reset) const {
    return std::ranges::find(can, reset) != can.end();
  }
};

// Thread-safe. No error holds a credential.
class HostPower {
 public:
  virtual ~HostPower() = default;
  // What it is called in messages and journals: "redfish https://10.0.1.11/redfish/v1/Systems/1".
  [[nodiscard]] virtual std::string name() const = 0;
  // Changes nothing. Unavailable, Timeout, Io: it cannot be read. Denied, NotFound, Malformed.
  [[nodiscard]] virtual Result<PowerSight> look(const std::stop_token& stop) const = 0;
  // Sent once. nothing_changed() of an error tells whether that is sure.
  [[nodiscard]] virtual Status reset(PowerReset reset, std::chrono::milliseconds timeout,
                                     const std::stop_token& stop) const = 0;
};

}  // namespace fieldmedic

// A host's power through IPMI 2.0 of its management controller, by the program ipmitool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/process_runner.hpp"
#include "remediator/reach/power.hpp"

namespace fieldmedic {

struct IpmiAccess {
  std::string address;
  std::uint16_t port = 623;
  std::string username;
  std::string password_file;  // read by ipmitool: never on its command line
};

// `runner` must outlive it.
[[nodiscard]] std::unique_ptr<HostPower> make_ipmi_power(IpmiAccess access, ProcessRunner& runner);

// Of `chassis status` and of `sdr list` (empty: it could not be read). Malformed: the first says no
// power. Pure.
[[nodiscard]] Result<PowerSight> read_ipmi_sight(std::string_view chassis,
                                                 std::string_view sensors);

}  // namespace fieldmedic

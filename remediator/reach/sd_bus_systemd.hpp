// systemd through libsystemd's sd-bus(3).
#pragma once

#include <string>
#include <vector>

#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

// One connection a call, so that threads share nothing. A call waits at most 5 s for its answer.
class SdBusSystemd final : public Systemd {
 public:
  // The machine's: its system bus, and when there is none, systemd's own socket, which serves root
  // without a bus.
  SdBusSystemd();
  // Given ones: "unix:path=/proc/4711/root/run/dbus/system_bus_socket". The second may be empty.
  explicit SdBusSystemd(std::string bus_address, std::string private_address = {});

  [[nodiscard]] Result<UnitState> unit(const std::string& name,
                                       const std::stop_token& stop) override;
  [[nodiscard]] Status reset_failed(const std::string& name, const std::stop_token& stop) override;
  [[nodiscard]] Result<std::string> run(UnitJob job, const std::string& name,
                                        std::chrono::milliseconds timeout,
                                        const std::stop_token& stop) override;

 private:
  std::string bus_address_;
  std::string private_address_;  // empty: none
};

}  // namespace fieldmedic

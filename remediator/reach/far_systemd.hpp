// systemd of another host, through its systemctl(1).
#pragma once

#include <memory>
#include <string>

#include "common/process_runner.hpp"
#include "remediator/reach/ssh_access.hpp"
#include "remediator/reach/systemd.hpp"

namespace fieldmedic {

// Thread-safe when the runner is. Only what changes something is asked for as root. systemctl talks
// to the same manager over the same bus; by its exit codes and words an error that changed nothing
// is told from one that may have.
class FarSystemd final : public Systemd {
 public:
  FarSystemd(std::shared_ptr<ProcessRunner> runner, AsRoot as_root)
      : runner_(std::move(runner)), as_root_(as_root) {}

  [[nodiscard]] Result<UnitState> unit(const std::string& name,
                                       const std::stop_token& stop) override;
  [[nodiscard]] Status reset_failed(const std::string& name, const std::stop_token& stop) override;
  [[nodiscard]] Result<std::string> run(UnitJob job, const std::string& name,
                                        std::chrono::milliseconds timeout,
                                        const std::stop_token& stop) override;

 private:
  [[nodiscard]] Command change(std::vector<std::string> arguments, const std::string& name) const;

  std::shared_ptr<ProcessRunner> runner_;
  AsRoot as_root_;
};

// What `systemctl show` prints, NAME=value a line. Errc::Malformed: it is not all there. Pure.
[[nodiscard]] Result<UnitState> parse_unit_properties(std::string_view text);

}  // namespace fieldmedic

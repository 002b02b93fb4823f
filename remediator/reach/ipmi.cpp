#include "remediator/reach/ipmi.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/redact_text.hpp"
#include "common/secret.hpp"
#include "common/without_secret.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostOutput = 64 * 1024;
constexpr std::size_t kMostShown = 200;
constexpr std::size_t kMostSick = 8;
constexpr milliseconds kRead{15'000};  // a controller gives some hundred sensors one by one

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Calls `line` with each line of a text.
template <class Line>
void each_line(std::string_view text, Line line) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Sick {
  PowerSight& sight;
  std::vector<std::string> parts{};

  void add(HardwareHealth health, std::string_view what) {
    if (health == HardwareHealth::Critical || sight.health != HardwareHealth::Critical)
      sight.health = health;
    if (parts.size() < kMostSick)
      parts.push_back(shown_line(fmt::format("{} {}", what, to_string(health)), kMostShown));
  }
};

void read_chassis_line(std::string_view line, PowerSight& sight, Sick& sick) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view key = trimmed(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (key == "System Power") {
    sight.state = shown_line(value, kMostShown);
    sight.is_on = value == "on";
  }
  const bool is_fault = key == "Power Overload" || key == "Main Power Fault" ||
                        key == "Power Control Fault" || key == "Drive Fault" ||
                        key == "Cooling/Fan Fault";
  if (is_fault && value == "true") sick.add(HardwareHealth::Critical, key);
}

// "CPU Temp         | 45 degrees C      | ok"
void read_sensor_line(std::string_view line, PowerSight& sight, Sick& sick) {
  const auto first = line.find('|');
  const auto last = line.rfind('|');
  if (first == std::string_view::npos || last == first) return;
  const std::string_view name = trimmed(line.substr(0, first));
  const std::string_view state = trimmed(line.substr(last + 1));
  if (state == "ok" && sight.health == HardwareHealth::Unknown) sight.health = HardwareHealth::Ok;
  if (state == "nc") sick.add(HardwareHealth::Warning, name);
  if (state == "cr" || state == "nr") sick.add(HardwareHealth::Critical, name);
}

class Ipmi final : public HostPower {
 public:
  Ipmi(IpmiAccess access, ProcessRunner& runner) : access_(std::move(access)), runner_(runner) {}

  std::string name() const override {
    return fmt::format("ipmi {}:{}", access_.address, access_.port);
  }

  Result<PowerSight> look(const std::stop_token& stop) const override {
    const auto chassis = run({"chassis", "status"}, kRead, stop);
    if (!chassis) return fail(chassis.error());
    const auto sensors = run({"sdr", "list"}, kRead, stop);
    return read_ipmi_sight(*chassis, sensors ? std::string_view(*sensors) : std::string_view());
  }

  Status reset(PowerReset reset, milliseconds timeout, const std::stop_token& stop) const override {
    std::string word;
    switch (reset) {
      case PowerReset::GracefulRestart:
        return fail(Errc::Invalid, name() + ": IPMI knows no graceful restart");
      case PowerReset::ForceRestart: word = "reset"; break;
      case PowerReset::PowerCycle: word = "cycle"; break;
    }
    const auto said = run({"chassis", "power", word}, timeout, stop);
    if (!said) return fail(said.error());
    return {};
  }

 private:
  [[nodiscard]] Result<std::string> run(const std::vector<std::string>& what, milliseconds timeout,
                                        const std::stop_token& stop) const {
    Command command;
    // -R 1: an order that is not answered is not sent again.
    command.argv = {"ipmitool",
                    "-I",
                    "lanplus",
                    "-H",
                    access_.address,
                    "-p",
                    std::to_string(access_.port),
                    "-U",
                    access_.username,
                    "-f",
                    access_.password_file,
                    "-L",
                    "OPERATOR",
                    "-R",
                    "1",
                    "-N",
                    "3"};
    command.argv.insert(command.argv.end(), what.begin(), what.end());
    command.timeout = timeout;
    command.output_limit = kMostOutput;
    const std::string asked = fmt::format("{} {}", name(), fmt::join(what, " "));
    auto result = runner_.run(command, stop);
    if (!result) {
      Error error = std::move(result.error());
      if (error.code == Errc::NotFound)
        error = {Errc::Invalid, "ipmitool is not installed: " + error.message};
      return wrap(std::move(error), asked);
    }
    // What was cut off may be the sensor that is sick.
    if (result->out.size() >= kMostOutput)
      return fail(Errc::TooLarge, fmt::format("{}: more than {} bytes", asked, kMostOutput));
    if (result->term_signal == 0 && result->exit_code == 0) return std::move(result->out);
    const std::string said = shown(result->err);
    // No session: nothing of it reached the controller.
    const bool no_session = result->err.contains("Unable to establish");
    return fail(no_session ? Errc::Unavailable : Errc::Io,
                fmt::format("{}: ipmitool exited with {}: {}", asked, result->exit_code, said));
  }

  // ipmitool tells what it does not understand: nothing of it is told on where it cannot be
  // searched for the password.
  [[nodiscard]] std::string shown(std::string_view said) const {
    const auto password = read_secret_file(access_.password_file);
    if (!password) return fmt::format("(not shown, since {})", password.error().message);
    return shown_line(without_secret(std::string(trimmed(said)), password->reveal()), kMostShown);
  }

  IpmiAccess access_;
  ProcessRunner& runner_;
};

}  // namespace

Result<PowerSight> read_ipmi_sight(std::string_view chassis, std::string_view sensors) {
  PowerSight sight;
  sight.can = {PowerReset::ForceRestart, PowerReset::PowerCycle};
  Sick sick{sight};
  each_line(sensors, [&](std::string_view line) { read_sensor_line(line, sight, sick); });
  each_line(chassis, [&](std::string_view line) { read_chassis_line(line, sight, sick); });
  if (sight.state.empty())
    return fail(Errc::Malformed, "ipmitool did not say whether the power is on");
  sight.evidence = fmt::format("power {}, sensors {}", sight.state, to_string(sight.health));
  if (!sick.parts.empty()) sight.evidence += fmt::format("; {}", fmt::join(sick.parts, ", "));
  return sight;
}

std::unique_ptr<HostPower> make_ipmi_power(IpmiAccess access, ProcessRunner& runner) {
  return std::make_unique<Ipmi>(std::move(access), runner);
}

}  // namespace fieldmedic

// The only place where time is read. Everything else takes a Clock or a time as an argument.
#pragma once

#include <chrono>
#include <string>

namespace fieldmedic {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// Where on one machine's own time line something happened: comparable only within one boot.
struct BootTime {
  std::string boot_id;                      // /proc/sys/kernel/random/boot_id; empty if unreadable
  std::chrono::milliseconds since_boot{0};  // CLOCK_BOOTTIME: counts suspend, never jumps
};

// Thread-safe. steady() for intervals, wall() for people and other machines, boot() for records.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual BootTime boot() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] SteadyTime steady() const override;
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] BootTime boot() const override;

 private:
  std::string boot_id_;
};

// "2026-11-23T06:03:57.730Z", UTC with milliseconds (RFC 3339).
[[nodiscard]] std::string format_rfc3339(WallTime time);

}  // namespace fieldmedic

// One connection to systemd's manager. Internal to reach/: only sd_bus_systemd.cpp includes it.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "common/result.hpp"

struct sd_bus;
struct sd_bus_message;

namespace fieldmedic {

inline constexpr const char* kManagerName = "org.freedesktop.systemd1";
inline constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
inline constexpr const char* kManagerInterface = "org.freedesktop.systemd1.Manager";

struct BusMessageEnd {
  void operator()(sd_bus_message* message) const;
};
using BusMessage = std::unique_ptr<sd_bus_message, BusMessageEnd>;

struct BusEnd {
  void operator()(sd_bus* bus) const;
};
using Bus = std::unique_ptr<sd_bus, BusEnd>;

// Errors are those of systemd.hpp.
class BusConnection {
 public:
  // `private_address` (may be empty) is tried when the bus does not answer. Errc::Unavailable.
  [[nodiscard]] static Result<BusConnection> open(const std::string& bus_address,
                                                  const std::string& private_address);

  [[nodiscard]] sd_bus* get() const { return bus_.get(); }
  // On a bus signals are taken from systemd only; on its own socket nobody else is there to send.
  [[nodiscard]] const char* sender() const { return on_bus_ ? kManagerName : nullptr; }

  // A method of the manager with its strings; the answer may be ignored.
  [[nodiscard]] Result<BusMessage> call(const char* method,
                                        std::initializer_list<const char*> arguments) const;
  // All properties of a unit, of all its interfaces, as they are at one moment: a{sv}.
  [[nodiscard]] Result<BusMessage> properties(const std::string& path) const;

 private:
  BusConnection(Bus bus, bool on_bus) : bus_(std::move(bus)), on_bus_(on_bus) {}
  [[nodiscard]] static int connect(const std::string& address, int bus_client, Bus& bus);

  Bus bus_;
  bool on_bus_;
};

}  // namespace fieldmedic

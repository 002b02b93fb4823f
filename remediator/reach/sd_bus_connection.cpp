#include "remediator/reach/sd_bus_connection.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/core.h>
#include <systemd/sd-bus.h>

namespace fieldmedic {

namespace {

constexpr std::uint64_t kCallTimeout = 5'000'000;  // µs

Errc code_of_name(std::string_view name) {
  if (name == "org.freedesktop.systemd1.NoSuchUnit") return Errc::NotFound;
  if (name == "org.freedesktop.systemd1.LoadFailed") return Errc::NotFound;
  if (name == "org.freedesktop.systemd1.UnitMasked") return Errc::Conflict;
  if (name == "org.freedesktop.systemd1.TransactionIsDestructive") return Errc::Conflict;
  if (name == "org.freedesktop.systemd1.JobTypeNotApplicable") return Errc::Conflict;
  if (name == "org.freedesktop.systemd1.BadUnitSetting") return Errc::Conflict;
  if (name == SD_BUS_ERROR_ACCESS_DENIED) return Errc::Denied;
  if (name == SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) return Errc::Denied;
  if (name == SD_BUS_ERROR_INVALID_ARGS) return Errc::Invalid;
  if (name == SD_BUS_ERROR_SERVICE_UNKNOWN || name == SD_BUS_ERROR_NAME_HAS_NO_OWNER)
    return Errc::Unavailable;
  if (name == SD_BUS_ERROR_NO_REPLY || name == SD_BUS_ERROR_TIMEOUT) return Errc::Timeout;
  return Errc::Io;
}

Errc code_of_errno(int negative) {
  if (negative == -ETIMEDOUT) return Errc::Timeout;
  if (negative == -EACCES || negative == -EPERM) return Errc::Denied;
  if (negative == -EINVAL) return Errc::Invalid;
  return Errc::Io;
}

// sd_bus_error with its end of life.
struct BusError {
  sd_bus_error error{nullptr, nullptr, 0};
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { sd_bus_error_free(&error); }

  [[nodiscard]] Error read(int negative_errno, const char* doing) const {
    if (sd_bus_error_is_set(&error) == 0)
      return {code_of_errno(negative_errno),
              fmt::format("{}: {}", doing, std::strerror(-negative_errno))};
    return {code_of_name(error.name),
            fmt::format("{}: {}", doing, error.message == nullptr ? error.name : error.message)};
  }
};

}  // namespace

void BusMessageEnd::operator()(sd_bus_message* message) const {
  sd_bus_message_unref(message);
}

void BusEnd::operator()(sd_bus* bus) const {
  sd_bus_close_unref(bus);
}

int BusConnection::connect(const std::string& address, int bus_client, Bus& bus) {
  sd_bus* made = nullptr;
  if (const int failed = sd_bus_new(&made); failed < 0) return failed;
  bus.reset(made);
  if (const int failed = sd_bus_set_address(made, address.c_str()); failed < 0) return failed;
  if (const int failed = sd_bus_set_bus_client(made, bus_client); failed < 0) return failed;
  if (const int failed = sd_bus_set_method_call_timeout(made, kCallTimeout); failed < 0)
    return failed;
  if (const int failed = sd_bus_start(made); failed < 0) return failed;
  // Opening is asynchronous: a call that needs no rights makes it happen, so that a connection that
  // cannot be had is told from one that is lost later.
  sd_bus_message* message = nullptr;
  const int done = sd_bus_call_method(made, bus_client != 0 ? kManagerName : nullptr, kManagerPath,
                                      "org.freedesktop.DBus.Peer", "Ping", nullptr, &message, "");
  const BusMessage answer(message);
  return done;
}

Result<BusConnection> BusConnection::open(const std::string& bus_address,
                                          const std::string& private_address) {
  Bus bus;
  int failed = connect(bus_address, 1, bus);
  if (failed >= 0) return BusConnection(std::move(bus), true);
  if (!private_address.empty() && connect(private_address, 0, bus) >= 0)
    return BusConnection(std::move(bus), false);
  return fail(Errc::Unavailable,
              fmt::format("systemd at {}: {}", bus_address, std::strerror(-failed)));
}

Result<BusMessage> BusConnection::call(const char* method,
                                       std::initializer_list<const char*> arguments) const {
  BusError error;
  sd_bus_message* message = nullptr;
  int done = sd_bus_message_new_method_call(get(), &message, on_bus_ ? kManagerName : nullptr,
                                            kManagerPath, kManagerInterface, method);
  const BusMessage question(message);
  for (const char* argument : arguments)
    if (done >= 0) done = sd_bus_message_append_basic(question.get(), 's', argument);
  sd_bus_message* reply = nullptr;
  if (done >= 0) done = sd_bus_call(get(), question.get(), 0, &error.error, &reply);
  BusMessage answer(reply);
  if (done < 0) return fail(error.read(done, method));
  return answer;
}

Result<BusMessage> BusConnection::properties(const std::string& path) const {
  BusError error;
  sd_bus_message* reply = nullptr;
  const int done = sd_bus_call_method(get(), on_bus_ ? kManagerName : nullptr, path.c_str(),
                                      "org.freedesktop.DBus.Properties", "GetAll", &error.error,
                                      &reply, "s", "");
  BusMessage answer(reply);
  if (done < 0) return fail(error.read(done, "GetAll"));
  return answer;
}

}  // namespace fieldmedic

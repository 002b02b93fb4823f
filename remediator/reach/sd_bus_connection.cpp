#include "remediator/reach/sd_bus_connection.hpp"

#include <algorithm>
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

Result<std::string> BusConnection::text(const std::string& path, const char* interface,
                                        const char* property) const {
  BusError error;
  char* value = nullptr;
  const int done = sd_bus_get_property_string(get(), on_bus_ ? kManagerName : nullptr, path.c_str(),
                                              interface, property, &error.error, &value);
  if (done < 0) return fail(error.read(done, property));
  const std::unique_ptr<char, decltype([](char* text) { free(text); })> owned(value);
  return std::string(value);
}

Result<std::uint32_t> BusConnection::number(const std::string& path, const char* interface,
                                            const char* property) const {
  BusError error;
  std::uint32_t value = 0;
  const int done =
      sd_bus_get_property_trivial(get(), on_bus_ ? kManagerName : nullptr, path.c_str(), interface,
                                  property, &error.error, 'u', &value);
  if (done < 0) return fail(error.read(done, property));
  return value;
}

Result<std::string> BusConnection::invocation_id(const std::string& path) const {
  BusError error;
  sd_bus_message* message = nullptr;
  int done = sd_bus_get_property(get(), on_bus_ ? kManagerName : nullptr, path.c_str(),
                                 kUnitInterface, "InvocationID", &error.error, &message, "ay");
  const BusMessage answer(message);
  const void* data = nullptr;
  std::size_t size = 0;
  if (done >= 0) done = sd_bus_message_read_array(message, 'y', &data, &size);
  if (done < 0) return fail(error.read(done, "InvocationID"));
  const std::string_view bytes(static_cast<const char*>(data), size);
  if (std::ranges::all_of(bytes, [](char byte) { return byte == 0; })) return std::string();
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

Result<std::uint32_t> BusConnection::job(const std::string& path) const {
  BusError error;
  sd_bus_message* message = nullptr;
  int done = sd_bus_get_property(get(), on_bus_ ? kManagerName : nullptr, path.c_str(),
                                 kUnitInterface, "Job", &error.error, &message, "(uo)");
  const BusMessage answer(message);
  std::uint32_t id = 0;
  const char* object = nullptr;
  if (done >= 0) done = sd_bus_message_read(message, "(uo)", &id, &object);
  if (done < 0) return fail(error.read(done, "Job"));
  return id;
}

}  // namespace fieldmedic

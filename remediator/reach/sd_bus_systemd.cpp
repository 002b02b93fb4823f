#include "remediator/reach/sd_bus_systemd.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <systemd/sd-bus.h>

#include "remediator/reach/sd_bus_connection.hpp"
#include "remediator/reach/unit_properties.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

namespace {

constexpr const char* kSystemBus = "unix:path=/run/dbus/system_bus_socket";
constexpr const char* kPrivateSocket = "unix:path=/run/systemd/private";
// Jobs of others that end between our call and its answer.
constexpr std::size_t kMostEndedJobs = 1024;

struct EndedJob {
  std::string path;
  std::string result;
};

// Called by sd-bus from C: nothing may be thrown out of here but bad_alloc, which ends the process
// anyway.
int on_job_removed(sd_bus_message* message, void* data, sd_bus_error*) noexcept {
  auto& ended = *static_cast<std::vector<EndedJob>*>(data);
  std::uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  // A signal of another shape is not the one we wait for.
  if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0) return 0;
  if (ended.size() < kMostEndedJobs) ended.push_back({path, result});
  return 0;
}

std::optional<std::string> result_of(const std::vector<EndedJob>& ended, std::string_view job) {
  const auto found = std::ranges::find(ended, job, &EndedJob::path);
  return found == ended.end() ? std::nullopt : std::optional(found->result);
}

// Handles what has arrived, then waits for more, until the job has ended.
Result<std::string> wait_for(const BusConnection& bus, const std::vector<EndedJob>& ended,
                             std::string_view job, const Waiter& waiter) {
  for (;;) {
    int handled = 0;
    while ((handled = sd_bus_process(bus.get(), nullptr)) > 0) {
    }
    if (auto result = result_of(ended, job)) return *result;
    if (handled < 0) return fail(Errc::Io, "the connection to systemd was lost during the job");
    const int events = sd_bus_get_events(bus.get());
    pollfd polled{sd_bus_get_fd(bus.get()), static_cast<short>(events < 0 ? POLLIN : events), 0};
    switch (waiter.wait({&polled, 1})) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline: return fail(Errc::Timeout, "the job has not ended in time");
      case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop during the job");
    }
  }
}

Result<std::string> path_in(const Result<BusMessage>& answer) {
  if (!answer) return fail(answer.error());
  const char* path = nullptr;
  if (sd_bus_message_read(answer->get(), "o", &path) < 0)
    return fail(Errc::Io, "systemd's answer holds no object path");
  return std::string(path);
}

const char* method_of(UnitJob job) {
  switch (job) {
    case UnitJob::Start: return "StartUnit";
    case UnitJob::Stop: return "StopUnit";
    case UnitJob::Restart: return "RestartUnit";
  }
  return "";
}

std::unexpected<Error> cancelled_before_change() {
  return fail(Errc::Unavailable, "cancelled before anything was changed");
}

}  // namespace

SdBusSystemd::SdBusSystemd() : bus_address_(kSystemBus), private_address_(kPrivateSocket) {}

SdBusSystemd::SdBusSystemd(std::string bus_address, std::string private_address)
    : bus_address_(std::move(bus_address)), private_address_(std::move(private_address)) {}

Result<UnitState> SdBusSystemd::unit(const std::string& name, const std::stop_token& stop) {
  const auto bus = BusConnection::open(bus_address_, private_address_);
  if (!bus) return fail(bus.error());
  if (stop.stop_requested()) return fail(Errc::Cancelled, "told to stop");
  // LoadUnit, since GetUnit knows only what is in memory, which a dead unit need not be.
  const auto path = path_in(bus->call("LoadUnit", {name.c_str()}));
  if (!path) return wrap(path.error(), name);
  if (stop.stop_requested()) return fail(Errc::Cancelled, "told to stop");
  const auto properties = bus->properties(*path);
  if (!properties) return wrap(properties.error(), name);
  auto state = read_unit_properties(properties->get());
  if (!state) return wrap(state.error(), name);
  return state;
}

Status SdBusSystemd::reset_failed(const std::string& name, const std::stop_token& stop) {
  const auto bus = BusConnection::open(bus_address_, private_address_);
  if (!bus) return fail(bus.error());
  if (stop.stop_requested()) return cancelled_before_change();
  const auto answer = bus->call("ResetFailedUnit", {name.c_str()});
  if (!answer) return wrap(answer.error(), name);
  return {};
}

Result<std::string> SdBusSystemd::run(UnitJob job, const std::string& name,
                                      std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) {
  const auto waiter = Waiter::start(timeout, stop);
  if (!waiter) return fail(Errc::Unavailable, waiter.error().message);
  std::vector<EndedJob> ended;  // outlives the connection, whose callback writes to it
  const auto bus = BusConnection::open(bus_address_, private_address_);
  if (!bus) return fail(bus.error());
  // Match and Subscribe come first: a fast job ends before its path has been read here.
  if (const int failed =
          sd_bus_match_signal(bus->get(), nullptr, bus->sender(), kManagerPath, kManagerInterface,
                              "JobRemoved", on_job_removed, &ended);
      failed < 0)
    return fail(Errc::Unavailable, "cannot listen for the end of jobs");
  if (auto subscribed = bus->call("Subscribe", {}); !subscribed)
    return fail(Errc::Unavailable, subscribed.error().message);

  // All of the above may have waited for systemd.
  switch (waiter->pause(std::chrono::milliseconds(0))) {
    case Waiter::Woke::Ready: break;
    case Waiter::Woke::Deadline:
      return fail(Errc::Unavailable, "no time is left, nothing was changed");
    case Waiter::Woke::Stopped: return cancelled_before_change();
  }
  const auto path = path_in(bus->call(method_of(job), {name.c_str(), "fail"}));
  if (!path) return wrap(path.error(), name);
  return wait_for(*bus, ended, *path, *waiter);
}

}  // namespace fieldmedic

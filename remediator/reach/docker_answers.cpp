#include "remediator/reach/docker_answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/reach/docker_clone.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

constexpr ApiVersion kOldest{1, 40};      // Docker 19.03, Podman 4
constexpr ApiVersion kNewest{1, 51};      // what this was written for
constexpr std::size_t kMostEvents = 256;  // daemon/events: eventsLimit

// An object's text; empty when it is not there or something else.
std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json member(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() ? *found : Json();
}

// What else starts and stops this container, and would fight with us (S3: one supervisor).
std::string owner_of(const Json& labels) {
  if (const auto unit = text_of(labels, "PODMAN_SYSTEMD_UNIT"); !unit.empty())
    return "the systemd unit " + unit;
  if (const auto service = text_of(labels, "com.docker.swarm.service.name"); !service.empty())
    return "the swarm service " + service;
  if (const auto pod = text_of(labels, "io.kubernetes.pod.name"); !pod.empty())
    return "the Kubernetes pod " + pod;
  return {};
}

bool ends(std::string_view action) {
  constexpr std::array<std::string_view, 4> kEnds{"kill", "die", "stop", "restart"};
  return std::ranges::find(kEnds, action) != kEnds.end();
}

struct Event {
  std::string id;
  std::string action;
  std::int64_t nanoseconds = 0;  // since 1970
};

std::optional<Event> read_event(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Event event{text_of(member(json, "Actor"), "ID"), text_of(json, "Action"), 0};
  const Json time = member(json, "timeNano");
  if (!time.is_number_integer()) return std::nullopt;
  event.nanoseconds = time.get<std::int64_t>();
  if (text_of(json, "Type") != "container") event.id.clear();
  return event;
}

}  // namespace

Result<ApiVersion> negotiate(std::string_view header) {
  ApiVersion server;
  const char* const end = header.data() + header.size();
  const auto major = std::from_chars(header.data(), end, server.major);
  const bool dot = major.ec == std::errc{} && major.ptr != end && *major.ptr == '.';
  if (dot) {
    const auto minor = std::from_chars(major.ptr + 1, end, server.minor);
    if (minor.ec != std::errc{} || minor.ptr != end) server = {};
  }
  if (!dot || server == ApiVersion{})
    return fail(Errc::Malformed,
                fmt::format("the container engine gives its API version as {}", quote(header)));
  if (server < kOldest)
    return fail(Errc::Invalid,
                fmt::format("the container engine's API version {}.{} is too old, wants {}.{} or "
                            "newer: update the engine",
                            server.major, server.minor, kOldest.major, kOldest.minor));
  return std::min(server, kNewest);
}

Result<ContainerState> read_container(std::string body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json state = member(json, "State");
  ContainerState container;
  container.id = text_of(json, "Id");
  container.name = text_of(json, "Name");
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  container.image = text_of(json, "Image");
  container.status = text_of(state, "Status");
  container.started_at = text_of(state, "StartedAt");
  const Json running = member(state, "Running");
  if (container.id.empty() || container.started_at.empty() || !running.is_boolean())
    return fail(Errc::Malformed, "the container engine's answer describes no container");
  container.running = running.get<bool>();
  container.health = text_of(member(state, "Health"), "Status");
  if (container.health == "none") container.health.clear();
  if (const Json code = member(state, "ExitCode"); code.is_number_integer())
    container.exit_code = code.get<std::int64_t>();
  if (const Json count = member(json, "RestartCount"); count.is_number_integer())
    container.restarts = count.get<std::int64_t>();
  const Json config = member(json, "Config");
  if (const Json tty = member(config, "Tty"); tty.is_boolean()) container.tty = tty.get<bool>();
  const Json labels = member(config, "Labels");
  container.owner = owner_of(labels);
  container.clone_of = text_of(labels, kCloneOf);
  container.clone_made_by = text_of(labels, kCloneMadeBy);
  container.inspect = std::move(body);
  return container;
}

Result<std::optional<WallTime>> read_last_stop(std::string_view events, std::string_view id,
                                               WallTime since) {
  std::optional<std::int64_t> oldest;
  std::optional<std::int64_t> last;
  std::size_t count = 0;
  const auto from =
      std::chrono::duration_cast<std::chrono::nanoseconds>(since.time_since_epoch()).count();
  while (!events.empty()) {
    const std::string_view line = events.substr(0, events.find('\n'));
    events.remove_prefix(std::min(events.size(), line.size() + 1));
    if (line.empty()) continue;
    const auto event = read_event(line);
    if (!event) return fail(Errc::Malformed, "the container engine sent an event of another shape");
    ++count;
    oldest = std::min(oldest.value_or(event->nanoseconds), event->nanoseconds);
    if (event->id == id && ends(event->action) && event->nanoseconds >= from)
      last = std::max(last.value_or(event->nanoseconds), event->nanoseconds);
  }
  if (last) {
    const std::chrono::nanoseconds time(*last);
    return std::optional(WallTime(std::chrono::duration_cast<WallTime::duration>(time)));
  }
  if (count >= kMostEvents && *oldest > from)
    return fail(Errc::Unavailable,
                "the container engine does not remember as far back as the plan");
  return std::optional<WallTime>();
}

std::string read_message(std::string_view body) {
  constexpr std::size_t kMost = 300;
  const Json json = Json::parse(body, nullptr, false);
  const std::string message = text_of(json, "message");
  std::string shown((message.empty() ? body : std::string_view(message)).substr(0, kMost));
  const auto unprintable = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  std::ranges::replace_if(shown, unprintable, ' ');
  return shown;
}

}  // namespace fieldmedic

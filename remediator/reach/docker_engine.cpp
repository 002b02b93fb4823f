#include "remediator/reach/docker_engine.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/docker_answers.hpp"
#include "remediator/reach/docker_clone.hpp"
#include "remediator/reach/docker_connection.hpp"
#include "remediator/reach/docker_log.hpp"
#include "remediator/reach/engine_clock.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMostLog = 16UL << 20;  // of a log

class DockerEngine final : public ContainerEngine {
 public:
  DockerEngine(EngineAccess access, HttpClient& http, const Clock& clock)
      : connection_(std::move(access), http), clock_(clock) {}

  Result<ContainerState> inspect(const std::string& container,
                                 const std::stop_token& stop) override {
    auto answer = connection_.call({.path = fmt::format("/containers/{}/json", container)}, stop);
    if (!answer) return fail(std::move(answer.error()));
    return read_container(std::move(answer->body));
  }

  Result<std::string> logs(const ContainerState& container, int lines,
                           const std::stop_token& stop) override {
    constexpr int kLeast = 10;
    while (true) {
      auto answer = connection_.call(
          {.path = fmt::format("/containers/{}/logs?stdout=1&stderr=1&timestamps=1&tail={}",
                               container.id, lines),
           .most = kMostLog},
          stop);
      const bool too_long = !answer && answer.error().code == Errc::TooLarge && lines > kLeast;
      if (!too_long) {
        if (!answer) return fail(std::move(answer.error()));
        return container.tty ? std::move(answer->body) : demultiplex(answer->body);
      }
      lines /= 4;
    }
  }

  Status restart(const std::string& id, seconds grace, milliseconds timeout,
                 const std::stop_token& stop) override {
    return connection_.change(
        {.method = "POST",
         .path = fmt::format("/containers/{}/restart?t={}", id, grace.count()),
         .timeout = timeout},
        stop);
  }

  Status clone(const ContainerState& source, const std::string& name, const std::string& attempt,
               const std::stop_token& stop) override {
    auto body = clone_body(source.inspect, {source.id, attempt});
    if (!body) return fail(body.error());
    return connection_.change({.method = "POST",
                               .path = fmt::format("/containers/create?name={}", name),
                               .body = std::move(*body)},
                              stop);
  }

  Status start(const std::string& id, milliseconds timeout, const std::stop_token& stop) override {
    return connection_.change(
        {.method = "POST", .path = fmt::format("/containers/{}/start", id), .timeout = timeout},
        stop);
  }

  Status stop(const std::string& id, seconds grace, milliseconds timeout,
              const std::stop_token& stop) override {
    return connection_.change({.method = "POST",
                               .path = fmt::format("/containers/{}/stop?t={}", id, grace.count()),
                               .timeout = timeout},
                              stop);
  }

  Status remove(const std::string& id, const std::stop_token& stop) override {
    return connection_.change({.method = "DELETE", .path = fmt::format("/containers/{}?v=1", id)},
                              stop);
  }

  Result<std::optional<WallTime>> last_stop(const std::string& id, WallTime since,
                                            const std::stop_token& stop) override {
    // Events bear the time of the engine's host.
    const auto ahead = connection_.clock_ahead(clock_, stop);
    if (!ahead) return fail(ahead.error());
    const seconds slack = ahead->count() == 0 ? seconds(0) : kClockSlack;
    since += *ahead - slack;
    const auto now =  // ms; the past answers at once
        (clock_.wall() + *ahead + slack).time_since_epoch().count();
    // Podman tells one event of many when it is asked until when, and Docker never ends without.
    const auto from = std::chrono::floor<seconds>(since).time_since_epoch().count();
    const auto answer = connection_.call(
        {.path = fmt::format("/events?since=0&until={}.{:03}", now / 1000, now % 1000),
         .podman_path = fmt::format("/events?since={}&stream=false", from)},
        stop);
    if (!answer) return fail(answer.error());
    auto told = read_last_stop(answer->body, id, since);
    if (told && *told) **told -= *ahead;
    return told;
  }

 private:
  DockerConnection connection_;
  const Clock& clock_;
};

}  // namespace

std::shared_ptr<ContainerEngine> make_docker_engine(EngineAccess access, HttpClient& http,
                                                    const Clock& clock) {
  return std::make_shared<DockerEngine>(std::move(access), http, clock);
}

std::shared_ptr<const HostEngines> make_host_engines(const Inventory& inventory, HttpClient& http,
                                                     const Clock& clock) {
  auto engines = std::make_shared<HostEngines>();
  for (const GroupSpec& group : inventory.groups)
    for (const HostSpec& host : group.hosts)
      if (host.engine) engines->emplace(host.name, make_docker_engine(*host.engine, http, clock));
  return engines;
}

}  // namespace fieldmedic

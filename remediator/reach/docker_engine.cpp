#include "remediator/reach/docker_engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/docker_answers.hpp"
#include "remediator/reach/docker_clone.hpp"
#include "remediator/reach/docker_log.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAnswer{5'000};          // of what only reads
constexpr std::size_t kMostAnswer = 4UL << 20;  // of JSON
constexpr std::size_t kMostLog = 16UL << 20;    // of a log

Errc kind_of(int status) {
  switch (status) {
    case 400: return Errc::Invalid;
    case 401:
    case 403: return Errc::Denied;
    case 404: return Errc::NotFound;
    case 409: return Errc::Conflict;
    default: return Errc::Io;
  }
}

class DockerEngine final : public ContainerEngine {
 public:
  DockerEngine(std::string socket, HttpClient& http, const Clock& clock)
      : socket_(std::move(socket)), http_(http), clock_(clock) {}

  Result<ContainerState> inspect(const std::string& container,
                                 const std::stop_token& stop) override {
    auto answer = call({.path = fmt::format("/containers/{}/json", container)}, stop);
    if (!answer) return fail(std::move(answer.error()));
    return read_container(std::move(answer->body));
  }

  Result<std::string> logs(const ContainerState& container, int lines,
                           const std::stop_token& stop) override {
    constexpr int kLeast = 10;
    while (true) {
      auto answer =
          call({.path = fmt::format("/containers/{}/logs?stdout=1&stderr=1&timestamps=1&tail={}",
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
    return change({.method = "POST",
                   .path = fmt::format("/containers/{}/restart?t={}", id, grace.count()),
                   .timeout = timeout},
                  stop);
  }

  Status clone(const ContainerState& source, const std::string& name, const std::string& attempt,
               const std::stop_token& stop) override {
    auto body = clone_body(source.inspect, {source.id, attempt});
    if (!body) return fail(body.error());
    return change({.method = "POST",
                   .path = fmt::format("/containers/create?name={}", name),
                   .body = std::move(*body)},
                  stop);
  }

  Status start(const std::string& id, milliseconds timeout, const std::stop_token& stop) override {
    return change(
        {.method = "POST", .path = fmt::format("/containers/{}/start", id), .timeout = timeout},
        stop);
  }

  Status stop(const std::string& id, seconds grace, milliseconds timeout,
              const std::stop_token& stop) override {
    return change({.method = "POST",
                   .path = fmt::format("/containers/{}/stop?t={}", id, grace.count()),
                   .timeout = timeout},
                  stop);
  }

  Status remove(const std::string& id, const std::stop_token& stop) override {
    return change({.method = "DELETE", .path = fmt::format("/containers/{}?v=1", id)}, stop);
  }

  Result<std::optional<WallTime>> last_stop(const std::string& id, WallTime since,
                                            const std::stop_token& stop) override {
    const auto now = clock_.wall().time_since_epoch().count();  // ms; the past answers at once
    const auto answer =
        call({.path = fmt::format("/events?since=0&until={}.{:03}", now / 1000, now % 1000)}, stop);
    if (!answer) return fail(answer.error());
    return read_last_stop(answer->body, id, since);
  }

 private:
  struct Call {
    std::string method = "GET";
    std::string path;
    milliseconds timeout = kAnswer;
    std::size_t most = kMostAnswer;
    std::string body{};
  };

  Status change(const Call& call, const std::stop_token& stop) {
    const auto answer = this->call(call, stop);
    if (!answer) return fail(answer.error());
    return {};
  }

  // Told apart before anything is sent, since each wants something else of people.
  Status reachable() const {
    if (::access(socket_.c_str(), R_OK | W_OK) == 0) return {};
    if (errno == EACCES)
      return fail(Errc::Denied, fmt::format("{}: permission denied: the remediator's user must be "
                                            "in the group that owns it (docker)",
                                            socket_));
    return fail(Errc::Unavailable, fmt::format("{}: {}: is the container engine running?", socket_,
                                               std::generic_category().message(errno)));
  }

  Result<HttpResponse> send(const Call& call, const std::string& path,
                            const std::stop_token& stop) {
    HttpRequest request;
    request.method = call.method;
    request.url = "http://docker" + path;
    request.unix_socket = socket_;
    request.timeout = call.timeout;
    request.body_limit = call.most;
    if (!call.body.empty()) {
      request.body = call.body;
      request.headers.emplace_back("Content-Type", "application/json");
    }
    auto answer = http_.send(request, stop);
    if (!answer) return wrap(std::move(answer.error()), socket_);
    return answer;
  }

  Result<HttpResponse> call(const Call& call, const std::stop_token& stop) {
    if (auto reached = reachable(); !reached) return fail(std::move(reached.error()));
    if (const auto known = known_version(); known && call.method == "GET") {
      auto answer = send(call, versioned(*known, call.path), stop);
      if (answer && is_well(answer->status)) return answer;
      if (!answer && answer.error().code == Errc::TooLarge) return answer;
      // Whatever it is, it is asked for and told as if nothing were known.
    }
    const auto version = agree(stop);
    if (!version) return fail(version.error());
    auto answer = send(call, versioned(*version, call.path), stop);
    if (!answer) return answer;
    constexpr int kAsItIsAlready = 304;  // of start and stop
    if (is_well(answer->status) || answer->status == kAsItIsAlready) return answer;
    return fail(kind_of(answer->status), fmt::format("the container engine answered {}: {}",
                                                     answer->status, read_message(answer->body)));
  }

  // Asked before each change, which tells an engine that is away from one that may have heard.
  Result<ApiVersion> agree(const std::stop_token& stop) {
    const auto ping = send({.path = {}}, "/_ping", stop);
    // Nothing but the ping was asked for: a time-out here has changed nothing.
    if (!ping) return fail(Errc::Unavailable, ping.error().message);
    const auto header = std::ranges::find(ping->headers, "api-version",
                                          &std::pair<std::string, std::string>::first);
    auto version = negotiate(header == ping->headers.end() ? std::string_view()
                                                           : std::string_view(header->second));
    if (version) {
      const std::lock_guard lock(mutex_);
      version_ = *version;
    }
    return version;
  }

  std::optional<ApiVersion> known_version() {
    const std::lock_guard lock(mutex_);
    return version_;
  }

  static std::string versioned(ApiVersion version, std::string_view path) {
    return fmt::format("/v{}.{}{}", version.major, version.minor, path);
  }
  static bool is_well(int status) { return status >= 200 && status < 300; }

  std::string socket_;
  HttpClient& http_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<ApiVersion> version_;  // last agreed on; for what only reads
};

}  // namespace

std::shared_ptr<ContainerEngine> make_docker_engine(std::string socket, HttpClient& http,
                                                    const Clock& clock) {
  return std::make_shared<DockerEngine>(std::move(socket), http, clock);
}

}  // namespace fieldmedic

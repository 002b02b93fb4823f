#include "remediator/reach/docker_connection.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/engine_clock.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

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

bool is_well(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

Status DockerConnection::change(const DockerCall& call, const std::stop_token& stop) {
  const auto answer = this->call(call, stop);
  if (!answer) return fail(answer.error());
  return {};
}

// Told apart before anything is sent, since each wants something else of people.
Status DockerConnection::reachable() const {
  const std::string& socket = access_.socket;
  if (socket.empty() || ::access(socket.c_str(), R_OK | W_OK) == 0) return {};
  if (errno == EACCES)
    return fail(Errc::Denied, fmt::format("{}: permission denied: the remediator's user must be "
                                          "in the group that owns it (docker)",
                                          socket));
  return fail(Errc::Unavailable, fmt::format("{}: {}: is the container engine running?", socket,
                                             std::generic_category().message(errno)));
}

Result<HttpResponse> DockerConnection::send(const DockerCall& call, const std::string& path,
                                            const std::stop_token& stop) {
  const bool by_socket = !access_.socket.empty();
  HttpRequest request = access_.server.request(path);
  request.method = call.method;
  if (by_socket) {
    request.url = "http://docker" + path;
    request.unix_socket = access_.socket;
  }
  request.timeout = call.timeout;
  request.body_limit = call.most;
  if (!call.body.empty()) {
    request.body = call.body;
    request.headers.emplace_back("Content-Type", "application/json");
  }
  auto answer = http_.send(request, stop);
  if (!answer && by_socket) return wrap(std::move(answer.error()), access_.socket);
  return answer;  // an error names the URL
}

Result<HttpResponse> DockerConnection::call(const DockerCall& call, const std::stop_token& stop) {
  if (auto reached = reachable(); !reached) return fail(std::move(reached.error()));
  if (const auto known = known_terms(); known && call.method == "GET") {
    auto answer = send(call, path_of(call, *known), stop);
    if (answer && is_well(answer->status)) return answer;
    if (!answer && answer.error().code == Errc::TooLarge) return answer;
    // Whatever it is, it is asked for and told as if nothing were known.
  }
  const auto terms = agree(stop);
  if (!terms) return fail(terms.error());
  auto answer = send(call, path_of(call, *terms), stop);
  if (!answer) return answer;
  constexpr int kAsItIsAlready = 304;  // of start and stop
  if (is_well(answer->status) || answer->status == kAsItIsAlready) return answer;
  return fail(kind_of(answer->status), fmt::format("the container engine answered {}: {}",
                                                   answer->status, read_message(answer->body)));
}

// Asked before each change, which tells an engine that is away from one that may have heard.
Result<DockerConnection::Terms> DockerConnection::agree(const std::stop_token& stop) {
  const auto ping = send({.path = {}}, "/_ping", stop);
  // Nothing but the ping was asked for: a time-out here has changed nothing.
  if (!ping) return fail(Errc::Unavailable, ping.error().message);
  const auto header = [&](std::string_view name) {
    const auto found =
        std::ranges::find(ping->headers, name, &std::pair<std::string, std::string>::first);
    return found == ping->headers.end() ? std::string_view() : std::string_view(found->second);
  };
  const auto version = negotiate(header("api-version"));
  if (!version) return fail(version.error());
  const bool podman = !header("libpod-api-version").empty();
  Terms terms{*version, podman ? Terms::Kind::Podman : Terms::Kind::Docker,
              std::string(header("date"))};
  const std::lock_guard lock(mutex_);
  terms_ = terms;
  return terms;
}

Result<milliseconds> DockerConnection::clock_ahead(const Clock& clock,
                                                   const std::stop_token& stop) {
  if (!access_.socket.empty()) return milliseconds(0);
  const auto terms = agree(stop);
  if (!terms) return fail(terms.error());
  return fieldmedic::clock_ahead(terms->date, clock.wall());
}

std::optional<DockerConnection::Terms> DockerConnection::known_terms() {
  const std::lock_guard lock(mutex_);
  return terms_;
}

std::string DockerConnection::path_of(const DockerCall& call, const Terms& terms) {
  const bool own = terms.kind == Terms::Kind::Podman && !call.podman_path.empty();
  return fmt::format("/v{}.{}{}", terms.version.major, terms.version.minor,
                     own ? call.podman_path : call.path);
}

}  // namespace fieldmedic

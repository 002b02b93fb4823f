#include "remediator/reach/haproxy.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <ranges>

#include <fmt/core.h>

#include "common/file_descriptor.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {
namespace {

constexpr std::chrono::milliseconds kAnswer{5'000};
constexpr std::size_t kMostAnswer = 4UL << 20;

using Words = std::vector<std::string_view>;

Words words_of(std::string_view line) {
  Words words;
  for (const auto part : std::views::split(line, ' '))
    if (!part.empty()) words.emplace_back(part.begin(), part.end());
  return words;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
  return text;
}

template <class Number>
bool read_number(std::string_view word, Number& number) {
  const char* const end = word.data() + word.size();
  return std::from_chars(word.data(), end, number) == std::from_chars_result{end, std::errc{}};
}

std::optional<std::size_t> column(const Words& header, std::string_view name) {
  const auto found = std::ranges::find(header, name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

Result<HaproxyServer> server_of(const Words& header, const Words& values) {
  const auto name = column(header, "srv_name");
  const auto operational = column(header, "srv_op_state");
  const auto administrative = column(header, "srv_admin_state");
  if (!name || !operational || !administrative ||
      std::max({*name, *operational, *administrative}) >= values.size())
    return fail(Errc::Malformed, "its server states lack a column");
  HaproxyServer server{std::string(values[*name]), 0, 0};
  if (!read_number(values[*operational], server.operational) ||
      !read_number(values[*administrative], server.administrative))
    return fail(Errc::Malformed, "its server states are no numbers");
  return server;
}

Error refusal(std::string_view said) {
  Errc code = Errc::Invalid;
  if (said.starts_with("Permission denied")) code = Errc::Denied;
  if (said.starts_with("No such") || said.starts_with("Can't find")) code = Errc::NotFound;
  return {code, fmt::format("HAProxy says: {}", said.substr(0, 200))};
}

Result<FileDescriptor> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::Invalid, "the path of the socket is too long");
  std::ranges::copy(path, address.sun_path);
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail(Errc::Io, "no descriptor left for a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  return fail(errno == EACCES ? Errc::Denied : Errc::Unavailable,
              fmt::format("{}: {}", path, std::strerror(errno)));
}

Result<std::string> read_to_end(int socket, const Waiter& waiter) {
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
    if (got == 0) return text;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostAnswer) return fail(Errc::TooLarge, "HAProxy answers without end");
    if (got > 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return fail(Errc::Io, std::strerror(errno));
    std::array<pollfd, 1> polled{{{socket, POLLIN, 0}}};
    switch (waiter.wait(polled)) {
      case Waiter::Woke::Ready: break;
      case Waiter::Woke::Deadline: return fail(Errc::Timeout, "HAProxy did not answer in time");
      case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop");
    }
  }
}

}  // namespace

bool is_haproxy_name(std::string_view name) {
  constexpr std::string_view kOthers = "_.:-";
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

Result<std::vector<HaproxyServer>> parse_servers_state(std::string_view text) {
  std::vector<HaproxyServer> servers;
  Words header;
  bool version = false;
  for (const auto part : std::views::split(text, '\n')) {
    const std::string_view line = trimmed({part.begin(), part.end()});
    if (line.empty()) continue;
    if (!version) {
      if (line != "1") return fail(refusal(line));
      version = true;
    } else if (line.starts_with('#')) {
      header = words_of(line.substr(1));
    } else {
      auto server = server_of(header, words_of(line));
      if (!server) return fail(server.error());
      servers.push_back(*std::move(server));
    }
  }
  if (!version) return fail(Errc::Malformed, "HAProxy answered nothing");
  return servers;
}

Result<std::string> Haproxy::ask(const std::string& command, const std::stop_token& stop) const {
  const auto waiter = Waiter::start(kAnswer, stop);
  if (!waiter) return fail(waiter.error());
  const auto socket = connect_to(socket_);
  if (!socket) return fail(socket.error());
  const std::string line = command + "\n";
  // A line fits into the buffer of a fresh connection, whole or not at all.
  if (send(socket->get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size()))
    return fail(Errc::Io, fmt::format("{}: {}", socket_, std::strerror(errno)));
  return read_to_end(socket->get(), *waiter);
}

Result<std::vector<HaproxyServer>> Haproxy::servers(const std::string& backend,
                                                    const std::stop_token& stop) const {
  if (!is_haproxy_name(backend)) return fail(Errc::Invalid, "no name of a backend");
  const auto answer = ask("show servers state " + backend, stop);
  if (!answer) return fail(answer.error());
  return parse_servers_state(*answer);
}

Status Haproxy::set_state(const std::string& backend, const std::string& server,
                          const std::string& state, const std::stop_token& stop) const {
  if (!is_haproxy_name(backend) || !is_haproxy_name(server))
    return fail(Errc::Invalid, "no name of a server");
  const auto answer = ask(fmt::format("set server {}/{} state {}", backend, server, state), stop);
  if (!answer) return fail(answer.error());
  const std::string_view said = trimmed(*answer);
  if (said.empty()) return {};
  return fail(refusal(said));
}

}  // namespace fieldmedic

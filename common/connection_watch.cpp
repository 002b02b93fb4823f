#include "common/connection_watch.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

namespace fieldmedic {
namespace {

struct Address {
  std::string host;
  int port = 0;
};

// getpeername and getsockname share a signature.
template <class Ask>
std::optional<Address> address_of(int fd, Ask ask) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (ask(fd, address, &size) != 0) return {};
  if (getnameinfo(address, size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  Address result{host, 0};
  std::from_chars(port, port + std::char_traits<char>::length(port), result.port);
  return result;
}

// Calls `visit(fd)` for every socket of this process that is bound to `port`.
template <class Visit>
void for_each_socket(int port, Visit visit) {
  std::error_code ignored;  // without /proc nothing is found, and civetweb's own timeouts remain
  std::filesystem::directory_iterator entry("/proc/self/fd", ignored);
  for (; entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const std::string name = entry->path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    const auto local = address_of(fd, getsockname);
    if (local && local->port == port) visit(fd);
  }
}

}  // namespace

ConnectionWatch::ConnectionWatch(std::chrono::milliseconds patience, int kept)
    : patience_(patience),
      kept_(kept),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void ConnectionWatch::set_local_port(int port) {
  const std::lock_guard lock(mutex_);
  local_port_ = port;
}

void ConnectionWatch::closed(const void* connection) {
  --open_;
  disarm(connection);
}

void ConnectionWatch::arm(const void* connection, std::string_view peer) {
  const SteadyTime deadline = clock_.steady() + patience_;
  const std::lock_guard lock(mutex_);
  Entry& entry = waiting_[connection];
  entry.peer = peer;
  entry.deadline = deadline;
}

void ConnectionWatch::disarm(const void* connection) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(connection);
}

void ConnectionWatch::stop_reading() {
  const std::lock_guard lock(mutex_);
  for_each_socket(local_port_, [](int fd) { shutdown(fd, SHUT_RD); });
}

// A new deadline is never before now + patience, so sleeping until the earliest known one, at most
// for `patience`, misses none and needs no wake-up from arm().
void ConnectionWatch::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    SteadyTime wake = clock_.steady() + patience_;
    for (const auto& [connection, entry] : waiting_) wake = std::min(wake, entry.deadline);
    stopped_.wait_until(lock, stop, wake, [] { return false; });
    if (!stop.stop_requested()) end_overdue();
  }
}

// The lock is held: an entry stands only while its connection is open, so the pair of addresses
// names this connection and no later one.
void ConnectionWatch::end_overdue() {
  const SteadyTime now = clock_.steady();
  const auto overdue = [now](const auto& item) { return item.second.deadline <= now; };
  if (std::ranges::none_of(waiting_, overdue)) return;
  for_each_socket(local_port_, [&](int fd) {
    const auto remote = address_of(fd, getpeername);
    if (!remote) return;
    const std::string peer = remote->host + ":" + std::to_string(remote->port);
    for (const auto& [connection, entry] : waiting_) {
      if (entry.deadline <= now && entry.peer == peer) shutdown(fd, SHUT_RDWR);
    }
  });
  std::erase_if(waiting_, overdue);
}

}  // namespace fieldmedic

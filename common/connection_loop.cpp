#include "common/connection_loop.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>

#include "common/log.hpp"

namespace fieldmedic {
namespace {

// How long to wait for a descriptor of ours to become free.
constexpr std::chrono::milliseconds kStarved{100};

std::string name_of(const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  std::string_view number = host;
  // An IPv4 peer of a socket for both families.
  constexpr std::string_view kMapped = "::ffff:";
  if (number.starts_with(kMapped) && number.contains('.')) number.remove_prefix(kMapped.size());
  return number.contains(':') ? fmt::format("[{}]:{}", number, port)
                              : fmt::format("{}:{}", number, port);
}

// OpenSSL writes without MSG_NOSIGNAL. The connections' threads inherit this.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

ConnectionLoop::ConnectionLoop(ListenSocket listening, ConnectionBounds bounds, Serve serve)
    : listening_(std::move(listening)),
      bounds_(bounds),
      serve_(std::move(serve)),
      watch_(bounds.limit),
      loop_([this] { run(); }) {}

ConnectionLoop::~ConnectionLoop() {
  watch_.stop();
  loop_.join();
}

void ConnectionLoop::run() {
  block_sigpipe();
  auto accepted = Accepted::Yes;
  while (true) {
    const auto sleep = watch_.end_overdue();
    watch_.drain_wake();
    join_ended();
    if (watch_.stopping() && threads_.empty()) return;
    const bool starved = accepted == Accepted::NoDescriptors;
    const bool ready = !watch_.stopping() && !starved && watch_.make_room();
    pollfd wait[] = {{watch_.wake_fd(), POLLIN, 0}, {ready ? listening_.fd.get() : -1, POLLIN, 0}};
    poll(wait, 2, static_cast<int>((starved ? std::min(sleep, kStarved) : sleep).count()));
    accepted = wait[1].revents != 0 ? accept_one() : Accepted::Yes;
  }
}

ConnectionLoop::Accepted ConnectionLoop::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  UniqueFd socket(
      accept4(listening_.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  if (!socket) {
    const bool none = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (none) log::warn("http server: no descriptor is free for a new connection");
    return none ? Accepted::NoDescriptors : Accepted::Yes;
  }
  constexpr int kYes = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof kYes);
  start_thread(std::make_unique<WatchedSocket>(std::move(socket), name_of(peer, size), watch_,
                                               bounds_.patience));
  return Accepted::Yes;
}

// Nothing may be thrown out of a thread.
void ConnectionLoop::start_thread(std::unique_ptr<WatchedSocket> socket) {
  const auto id = socket->id();
  try {
    threads_[id] = std::thread([this, owned = std::move(socket)] {
      try {
        serve_(*owned);
      } catch (const std::exception& error) {
        log::error(fmt::format("http server: {}", error.what()));
      }
    });
  } catch (const std::system_error& error) {  // the connection is closed unanswered
    log::warn(fmt::format("http server: no thread for a new connection: {}", error.what()));
    threads_.erase(id);
  }
}

void ConnectionLoop::join_ended() {
  for (const auto id : watch_.take_ended()) {
    const auto found = threads_.find(id);
    if (found == threads_.end()) continue;
    found->second.join();
    threads_.erase(found);
  }
}

}  // namespace fieldmedic

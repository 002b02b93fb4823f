#include "common/listen_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

struct HostPort {
  std::string host;  // empty: all
  std::string port;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<HostPort> split(std::string_view address) {
  const auto invalid = [address](std::string_view why) {
    return fail(Errc::Invalid, fmt::format("listen address '{}': {}", address, why));
  };
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return invalid("want host:port, such as 127.0.0.1:9987");
  std::string_view host = address.substr(0, colon);
  const auto port = address.substr(colon + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number < 0 || number > 65535) {
    return invalid("the port is a number from 0 to 65535");
  }
  if (host.starts_with('[')) {
    const bool closed = host.ends_with(']') && host.size() > 2;
    if (!closed || host.find_first_not_of("0123456789abcdefABCDEF:.[]") != host.npos) {
      return invalid("not an IPv6 address");
    }
    host = host.substr(1, host.size() - 2);
  } else {
    constexpr std::string_view kName =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-";
    if (host.find_first_not_of(kName) != host.npos) return invalid("not a host");
  }
  return HostPort{std::string(host), std::to_string(number)};
}

Result<Addresses> resolve(std::string_view address, const HostPort& wanted) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  // What can only be a number is not asked of a name server.
  const bool number = wanted.host.find_first_not_of("0123456789.") == std::string::npos ||
                      wanted.host.contains(':');
  if (number) hints.ai_flags |= AI_NUMERICHOST;
  addrinfo* found = nullptr;
  const char* const host = wanted.host.empty() ? nullptr : wanted.host.c_str();
  if (const int code = getaddrinfo(host, wanted.port.c_str(), &hints, &found); code != 0) {
    return fail(Errc::Invalid, fmt::format("listen address '{}': {}", address, gai_strerror(code)));
  }
  return Addresses(found);
}

// All addresses: one socket for both families. A name: IPv4 where it has such an address, which is
// what those who wrote "localhost" mean; Go's listeners choose likewise.
const addrinfo* choose(const addrinfo* list, int family) {
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == family) return entry;
  }
  return list;
}

std::unexpected<Error> explain(std::string_view address, int error) {
  switch (error) {
    case EADDRINUSE:
      return fail(Errc::Conflict, fmt::format("{} is in use; choose another address", address));
    case EACCES: return fail(Errc::Denied, fmt::format("{}: not allowed to listen there", address));
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return fail(Errc::Invalid, fmt::format("{} is no address of this machine", address));
    default:
      return fail(Errc::Unavailable, fmt::format("cannot listen on {}: {}", address,
                                                 std::generic_category().message(error)));
  }
}

int port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  if (bound.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

// The errno of what failed, or 0.
int open_at(const addrinfo& address, ListenSocket& socket) {
  constexpr int kYes = 1;
  constexpr int kNo = 0;
  socket.fd =
      UniqueFd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = socket.fd.get();
  if (fd < 0) return errno;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &kYes, sizeof kYes);
  if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &kNo, sizeof kNo);
  if (bind(fd, address.ai_addr, address.ai_addrlen) != 0) return errno;
  if (listen(fd, SOMAXCONN) != 0) return errno;
  socket.port = port_of(fd);
  return 0;
}

}  // namespace

Result<ListenSocket> listen_on(std::string_view address) {
  const auto wanted = split(address);
  if (!wanted) return fail(wanted.error());
  const auto found = resolve(address, *wanted);
  if (!found) return fail(found.error());
  const bool all = wanted->host.empty();
  ListenSocket socket;
  int error = open_at(*choose(found->get(), all ? AF_INET6 : AF_INET), socket);
  // A kernel without IPv6 still has all its IPv4 addresses.
  if (error == EAFNOSUPPORT && all) error = open_at(*choose(found->get(), AF_INET), socket);
  if (error != 0) return explain(address, error);
  return socket;
}

}  // namespace fieldmedic

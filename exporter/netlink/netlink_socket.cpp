#include "exporter/netlink/netlink_socket.hpp"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kDatagram = 32uz * 1024;  // the most that the kernel fills at once
constexpr int kMostDatagrams = 65536;           // 2 GiB: millions of sockets or routes

std::unexpected<Error> failed(std::string_view doing, int error) {
  const auto code = error == EACCES || error == EPERM ? Errc::Denied : Errc::Unavailable;
  return fail(code, fmt::format("netlink: {}: {}", doing, std::strerror(error)));
}

int number_of(NetlinkSocket::Protocol protocol) {
  switch (protocol) {
    case NetlinkSocket::Protocol::SocketDiagnosis: return NETLINK_SOCK_DIAG;
    case NetlinkSocket::Protocol::Routing: return NETLINK_ROUTE;
  }
  return -1;
}

}  // namespace

void NetlinkSocket::CloseSocket::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

NetlinkSocket::NetlinkSocket(mnl_socket* socket) : socket_(socket), datagram_(kDatagram) {}

Result<NetlinkSocket> NetlinkSocket::open(Protocol protocol, std::uint32_t groups) {
  mnl_socket* const opened = mnl_socket_open2(number_of(protocol), SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (opened == nullptr) return failed("open", errno);
  NetlinkSocket socket(opened);
  if (mnl_socket_bind(opened, groups, MNL_SOCKET_AUTOPID) != 0) return failed("bind", errno);
  return socket;
}

int NetlinkSocket::descriptor() const {
  return mnl_socket_get_fd(socket_.get());
}

Status NetlinkSocket::ask(nlmsghdr& request,
                          const std::function<Status(const NetlinkMessage&)>& use,
                          const std::function<void()>& between) {
  request.nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), &request, request.nlmsg_len) < 0) {
    return failed("ask", errno);
  }
  for (int datagrams = 0; datagrams < kMostDatagrams; ++datagrams) {
    const auto datagram = receive();
    if (!datagram) return fail(datagram.error());
    if (datagram->empty()) return fail(Errc::Unavailable, "netlink: the answer has no end");
    const auto state = read_answer(*datagram, sequence_, use);
    if (!state) return fail(state.error());
    if (*state == AnswerState::Done) return {};
    if (between) between();
  }
  return fail(Errc::TooLarge, "netlink: the answer is too long");
}

Result<ByteView> NetlinkSocket::receive() {
  const ssize_t length = mnl_socket_recvfrom(socket_.get(), datagram_.data(), datagram_.size());
  if (length >= 0) return ByteView(datagram_).first(static_cast<std::size_t>(length));
  if (errno == EAGAIN || errno == EINTR) return ByteView();
  if (errno == ENOBUFS)
    return fail(Errc::Full, "netlink: messages came faster than they were read");
  return failed("read", errno);
}

void NetlinkSocket::reserve_room(std::size_t bytes) {
  const int wanted = static_cast<int>(bytes);
  // The first needs CAP_NET_ADMIN; the second goes up to net.core.rmem_max.
  if (setsockopt(descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    setsockopt(descriptor(), SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
}

Result<std::uint32_t> NetlinkSocket::dropped() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t size = sizeof numbers;
  if (getsockopt(descriptor(), SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) != 0) {
    return failed("count what was dropped", errno);
  }
  return numbers[SK_MEMINFO_DROPS];
}

}  // namespace fieldmedic

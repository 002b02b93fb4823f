#include "remediator/reach/rtnetlink.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

namespace fieldmedic {

namespace {

constexpr std::size_t kDatagram = 32uz * 1024;
constexpr int kMostDatagrams = 4096;
constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, CloseSocket>;

std::unexpected<Error> failed(std::string_view doing, int error) {
  const auto said = [&](Errc code, std::string_view advice) {
    return fail(code, fmt::format("{}: {}{}", doing, std::strerror(error), advice));
  };
  switch (error) {
    case EPERM:
    case EACCES: return said(Errc::Denied, " (it wants CAP_NET_ADMIN)");
    case EEXIST:
    case ESRCH:
    case ENOENT: return said(Errc::Conflict, "");
    case EINVAL:
    case ENODEV:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN: return said(Errc::Invalid, "");
    default: return said(Errc::Unavailable, "");
  }
}

Result<Socket> open_socket() {
  Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!socket) return failed("rtnetlink: open", errno);
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0)
    return failed("rtnetlink: bind", errno);
  setsockopt(mnl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
             sizeof kPatience);
  return socket;
}

}  // namespace

nlmsghdr* begin_rtnetlink(RtnetlinkRequest& buffer, std::uint16_t type, int flags) {
  nlmsghdr* head = mnl_nlmsg_put_header(buffer.data());
  head->nlmsg_type = type;
  head->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  return head;
}

Status ask_rtnetlink(nlmsghdr* head, std::string_view doing,
                     int (*use)(const nlmsghdr* message, void* data), void* data) {
  const auto socket = open_socket();
  if (!socket) return fail(socket.error());
  constexpr unsigned kSequence = 1;
  head->nlmsg_seq = kSequence;
  if (mnl_socket_sendto(socket->get(), head, head->nlmsg_len) < 0) return failed(doing, errno);
  std::vector<char> datagram(kDatagram);
  const unsigned port = mnl_socket_get_portid(socket->get());
  for (int count = 0; count < kMostDatagrams; ++count) {
    const ssize_t got = mnl_socket_recvfrom(socket->get(), datagram.data(), datagram.size());
    if (got <= 0) return failed(doing, got == 0 ? EPROTO : errno);
    const int more =
        mnl_cb_run(datagram.data(), static_cast<std::size_t>(got), kSequence, port, use, data);
    if (more < 0) return failed(doing, errno);
    if (more == MNL_CB_STOP) return {};
  }
  return fail(Errc::TooLarge, fmt::format("{}: more than are looked through", doing));
}

}  // namespace fieldmedic

#include "exporter/netlink/socket_diag.hpp"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include <libmnl/libmnl.h>

namespace fieldmedic {
namespace {

// The kernel's tcp_states.h: established, syn_sent, fin_wait1, fin_wait2, close_wait, last_ack,
// closing. Requests that wait for the last part of the handshake have no tcp_info.
constexpr std::uint32_t kConnections =
    1U << 1U | 1U << 2U | 1U << 4U | 1U << 5U | 1U << 8U | 1U << 9U | 1U << 11U;

}  // namespace

Status SocketDiag::listeners(const Use& use) {
  return dump({.states = 1U << kTcpListen, .extensions = 0}, use, {});
}

Status SocketDiag::connections(const Use& use, const std::function<void()>& between) {
  return dump({.states = kConnections, .extensions = 1U << (INET_DIAG_INFO - 1)}, use, between);
}

Status SocketDiag::dump(const Wanted& wanted, const Use& use,
                        const std::function<void()>& between) {
  if (!socket_) {
    auto opened = NetlinkSocket::open(NetlinkSocket::Protocol::SocketDiagnosis);
    if (!opened) return wrap(std::move(opened.error()), "socket diagnosis");
    socket_ = std::move(*opened);
  }
  for (const int family : {AF_INET, AF_INET6}) {
    alignas(nlmsghdr) std::array<char, 128> request{};
    nlmsghdr* head = mnl_nlmsg_put_header(request.data());
    head->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    head->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    inet_diag_req_v2 question{};
    question.sdiag_family = static_cast<std::uint8_t>(family);
    question.sdiag_protocol = IPPROTO_TCP;
    question.idiag_states = wanted.states;
    question.idiag_ext = wanted.extensions;
    std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof question), &question, sizeof question);
    auto status = socket_->ask(
        *head,
        [&](const NetlinkMessage& message) -> Status {
          if (message.type != SOCK_DIAG_BY_FAMILY) return {};
          const auto socket = parse_inet_diag(message.payload);
          if (!socket) return fail(socket.error());
          use(*socket);
          return {};
        },
        between);
    if (!status) {
      socket_.reset();  // the rest of a broken answer must not meet the next question
      return wrap(std::move(status.error()), "socket diagnosis");
    }
  }
  return {};
}

}  // namespace fieldmedic

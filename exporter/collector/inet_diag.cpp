#include "exporter/collector/inet_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

namespace fieldmedic {
namespace {

constexpr std::uint32_t kListen = 1U << 10;     // TCP_LISTEN of the kernel's tcp_states.h
constexpr std::size_t kDatagram = 32uz * 1024;  // the most that the kernel fills at once
constexpr int kMostDatagrams = 4096;            // far more listeners than ports: something is wrong

std::unexpected<Error> failed(std::string_view doing, int error) {
  const auto code = error == EACCES || error == EPERM ? Errc::Denied : Errc::Unavailable;
  return fail(code, fmt::format("socket diagnosis: {}: {}", doing, std::strerror(error)));
}

std::unexpected<Error> malformed() {
  return fail(Errc::Malformed, "socket diagnosis: a message's length does not fit");
}

// The attributes behind inet_diag_msg; only IPV6_V6ONLY is asked for.
bool v6_only(std::span<const std::byte> attributes) {
  while (attributes.size() >= sizeof(nlattr)) {
    nlattr head{};
    std::memcpy(&head, attributes.data(), sizeof head);
    if (head.nla_len < sizeof head || head.nla_len > attributes.size()) return false;
    if (head.nla_type == INET_DIAG_SKV6ONLY && head.nla_len > sizeof head) {
      return attributes[sizeof head] != std::byte{0};
    }
    attributes = attributes.subspan(
        std::min(attributes.size(), static_cast<std::size_t>(MNL_ALIGN(head.nla_len))));
  }
  return false;
}

void add_listener(std::span<const std::byte> payload, std::vector<Listener>& listeners) {
  inet_diag_msg message{};
  std::memcpy(&message, payload.data(), sizeof message);
  if (message.idiag_state != 10 ||
      (message.idiag_family != AF_INET && message.idiag_family != AF_INET6)) {
    return;
  }
  Listener listener;
  const bool v6 = message.idiag_family == AF_INET6;
  listener.address.family = v6 ? IpFamily::V6 : IpFamily::V4;
  listener.address.port = ntohs(message.id.idiag_sport);
  std::memcpy(listener.address.bytes.data(), message.id.idiag_src, v6 ? 16 : 4);
  listener.v6_only = v6 && v6_only(payload.subspan(sizeof message));
  listeners.push_back(listener);
}

// The error of an NLMSG_ERROR, which is also how the kernel says that all went well (0).
Result<DumpState> kernel_answer(std::span<const std::byte> payload) {
  int error = 0;
  if (payload.size() < sizeof error) return malformed();
  std::memcpy(&error, payload.data(), sizeof error);
  if (error == 0) return DumpState::Done;
  // The number comes from outside: negating the smallest int would be undefined.
  return failed("dump", error < 0 && error > -4096 ? -error : EPROTO);
}

}  // namespace

Result<DumpState> parse_listeners(std::span<const std::byte> datagram, std::uint32_t sequence,
                                  std::vector<Listener>& listeners) {
  while (!datagram.empty()) {
    nlmsghdr head{};
    if (datagram.size() < sizeof head) return malformed();
    std::memcpy(&head, datagram.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) return malformed();
    const auto payload = datagram.subspan(sizeof head, head.nlmsg_len - sizeof head);
    datagram = datagram.subspan(
        std::min(datagram.size(), static_cast<std::size_t>(MNL_ALIGN(head.nlmsg_len))));

    if (head.nlmsg_seq != sequence) continue;
    if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
      return fail(Errc::Conflict, "socket diagnosis: the sockets changed while they were listed");
    }
    if (head.nlmsg_type == NLMSG_DONE) return DumpState::Done;
    if (head.nlmsg_type == NLMSG_ERROR) return kernel_answer(payload);
    if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
    if (payload.size() < sizeof(inet_diag_msg)) return malformed();
    add_listener(payload, listeners);
  }
  return DumpState::More;
}

void InetDiag::CloseSocket::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Result<std::vector<Listener>> InetDiag::listeners() {
  std::vector<Listener> listeners;
  for (const int family : {AF_INET, AF_INET6}) {
    if (auto status = dump(family, listeners); !status) {
      socket_.reset();  // the rest of a broken answer must not meet the next dump
      return fail(std::move(status.error()));
    }
  }
  return listeners;
}

Status InetDiag::open() {
  if (socket_) return {};
  socket_.reset(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket_) return failed("open", errno);
  if (mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) != 0) return failed("bind", errno);
  return {};
}

Status InetDiag::dump(int family, std::vector<Listener>& listeners) {
  if (auto status = open(); !status) return status;
  alignas(nlmsghdr) std::array<char, 128> request{};
  nlmsghdr* head = mnl_nlmsg_put_header(request.data());
  head->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  head->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  head->nlmsg_seq = ++sequence_;
  inet_diag_req_v2 wanted{};
  wanted.sdiag_family = static_cast<std::uint8_t>(family);
  wanted.sdiag_protocol = IPPROTO_TCP;
  wanted.idiag_states = kListen;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof wanted), &wanted, sizeof wanted);
  if (mnl_socket_sendto(socket_.get(), head, head->nlmsg_len) < 0) return failed("ask", errno);

  alignas(nlmsghdr) std::array<std::byte, kDatagram> answer;
  for (int datagrams = 0; datagrams < kMostDatagrams; ++datagrams) {
    // The kernel answers while we send, so there is nothing to wait for.
    const ssize_t length = mnl_socket_recvfrom(socket_.get(), answer.data(), answer.size());
    if (length < 0) return failed("read", errno);
    const auto state = parse_listeners(std::span(answer).first(static_cast<std::size_t>(length)),
                                       sequence_, listeners);
    if (!state) return fail(state.error());
    if (*state == DumpState::Done) return {};
  }
  return fail(Errc::TooLarge, "socket diagnosis: the answer has no end");
}

}  // namespace fieldmedic

#include "exporter/netlink/inet_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>

#include <algorithm>
#include <cstddef>

namespace fieldmedic {
namespace {

constexpr std::size_t kNeeded = offsetof(tcp_info, tcpi_bytes_retrans) + sizeof(std::uint64_t);

// Newer kernels send more fields, older ones fewer.
std::optional<TcpInfo> read_tcp_info(ByteView value) {
  if (value.size() < kNeeded) return std::nullopt;
  tcp_info info{};
  std::memcpy(&info, value.data(), std::min(value.size(), sizeof info));
  return TcpInfo{.sent_bytes = info.tcpi_bytes_sent,
                 .retransmitted_bytes = info.tcpi_bytes_retrans,
                 .sent_segments = info.tcpi_data_segs_out,
                 .retransmitted_segments = info.tcpi_total_retrans,
                 .smoothed_rtt = std::chrono::microseconds(info.tcpi_rtt),
                 .since_last_ack = std::chrono::milliseconds(info.tcpi_last_ack_recv)};
}

}  // namespace

Result<InetSocket> parse_inet_diag(ByteView payload) {
  const auto message = read_plain<inet_diag_msg>(payload);
  if (!message || (message->idiag_family != AF_INET && message->idiag_family != AF_INET6)) {
    return fail(Errc::Malformed, "socket diagnosis: a message that tells of no IP socket");
  }
  const auto family = message->idiag_family == AF_INET6 ? IpFamily::V6 : IpFamily::V4;
  const auto& id = message->id;
  InetSocket socket{.cookie = std::uint64_t{id.idiag_cookie[1]} << 32U | id.idiag_cookie[0],
                    .state = message->idiag_state,
                    .local = ip_address(family, std::as_bytes(std::span(id.idiag_src))),
                    .peer = ip_address(family, std::as_bytes(std::span(id.idiag_dst))),
                    .local_port = ntohs(id.idiag_sport),
                    .interface = id.idiag_if,
                    .v6_only = false,
                    .tcp = {}};
  auto attributes = payload.subspan(sizeof *message);
  while (const auto attribute = take_attribute(attributes)) {
    if (attribute->type == INET_DIAG_INFO) socket.tcp = read_tcp_info(attribute->value);
    if (attribute->type == INET_DIAG_SKV6ONLY) {
      socket.v6_only = read_plain<std::uint8_t>(attribute->value).value_or(0) != 0;
    }
  }
  return socket;
}

}  // namespace fieldmedic

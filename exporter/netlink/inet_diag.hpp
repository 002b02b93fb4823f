// What the kernel's socket diagnosis says of a TCP socket. Pure. Protocol: sock_diag(7),
// linux/inet_diag.h; the numbers are tcp_info's of linux/tcp.h, which counts from a connection's
// beginning.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/result.hpp"
#include "exporter/netlink/ip_address.hpp"
#include "exporter/netlink/message.hpp"

namespace fieldmedic {

// The states of the kernel's tcp_states.h that we ask for by name.
inline constexpr std::uint8_t kTcpListen = 10;

// Of tcp_info. The kernel counts segments in 32 bits: they wrap.
struct TcpInfo {
  std::uint64_t sent_bytes = 0;                 // bytes_sent: payload, retransmits included
  std::uint64_t retransmitted_bytes = 0;        // bytes_retrans
  std::uint32_t sent_segments = 0;              // data_segs_out: with payload, retransmits included
  std::uint32_t retransmitted_segments = 0;     // total_retrans: those of SYN and FIN too
  std::chrono::microseconds smoothed_rtt{0};    // rtt; 0: not measured
  std::chrono::milliseconds since_last_ack{0};  // last_ack_recv

  friend bool operator==(const TcpInfo&, const TcpInfo&) = default;
};

struct InetSocket {
  std::uint64_t cookie = 0;  // of this socket for its whole life, and of no other
  std::uint8_t state = 0;
  IpAddress local;  // V4 also where a V6 socket speaks V4
  IpAddress peer;   // a wildcard: not connected
  std::uint16_t local_port = 0;
  std::uint32_t interface = 0;  // bound to it (SO_BINDTODEVICE, link-local); 0: to none
  bool v6_only = false;         // IPV6_V6ONLY
  std::optional<TcpInfo> tcp;   // absent for LISTEN, TIME_WAIT and kernels before 4.19
};

// The payload of a SOCK_DIAG_BY_FAMILY message. Errc::Malformed when it is too short or of another
// address family.
[[nodiscard]] Result<InetSocket> parse_inet_diag(ByteView payload);

}  // namespace fieldmedic
